import pyarrow as pa
import pytest
from components.example_gen.reading.formats import RatingFormat

from components.example_gen import drop_reasons
from components.example_gen.layouts.known import MOVIELENS_1M, MOVIELENS_100K
from components.example_gen.reading import ratings
from components.example_gen.reading.ratings import Rules, parse_block

RULES = Rules(0.5, 5.0)
CSV = RatingFormat(("user", "movie", "rating", "timestamp"), ",", header=True, quoted=True)


def rows(parsed):
    return [tuple(row.values()) for row in parsed.table.to_pylist()]


@pytest.mark.parametrize(
    ("data", "row_format"),
    [
        (b"1::20::3.5::40\n2::21::4::41\n", MOVIELENS_1M),
        (b"1\t20\t3.5\t40\n2\t21\t4\t41", MOVIELENS_100K),
        (b"1,20,3.5,40\n2,21,4.0,41\n", CSV),
        (b'"1","20","3.5","40"\n2,"21",4,41\n', CSV),
        (b"1,20,3.5,40\r\n2,21,4.0,41\r\n\r\n", CSV),
        (b"\n1::20::3.5::40\n\n2::21::4::41\n\n\n", MOVIELENS_1M),
        (b" 1:: 20 ::3.5::40\n2::21::4.::41.0\n", MOVIELENS_1M),
    ],
    ids=["1m", "100k", "csv", "quoted", "crlf", "blank lines", "spaces"],
)
def test_parse_block_reads_rows_of_every_format(data, row_format):
    parsed = parse_block(data, row_format, RULES)

    assert rows(parsed) == [("1", "20", 3.5, 40), ("2", "21", 4.0, 41)]
    assert parsed.table.schema == ratings.SCHEMA
    assert (parsed.rows, parsed.dropped, parsed.firsts) == (2, {}, {})


def test_parse_block_takes_columns_in_any_order_and_ignores_others():
    row_format = RatingFormat(("timestamp", "note", "rating", "movie", "user"), ";", True, True)
    assert rows(parse_block(b'40;"a; b";3;20;1\n', row_format, RULES)) == [("1", "20", 3.0, 40)]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("1::20::3", drop_reasons.BROKEN),
        ("1::20::3::4::5", drop_reasons.BROKEN),
        ("rubbish", drop_reasons.BROKEN),
        ("::20::3::4", drop_reasons.BAD_ID),
        ("1::  ::3::4", drop_reasons.BAD_ID),
        ("1::20::good::4", drop_reasons.NOT_A_NUMBER),
        ("1::20::::4", drop_reasons.NOT_A_NUMBER),
        ("1::20::nan::4", drop_reasons.NOT_A_NUMBER),
        ("1::20::inf::4", drop_reasons.NOT_A_NUMBER),
        ("1::20::1e999::4", drop_reasons.NOT_A_NUMBER),
        ("1::20::0.25::4", drop_reasons.OUT_OF_RANGE),
        ("1::20::5.5::4", drop_reasons.OUT_OF_RANGE),
        ("1::20::3::yesterday", drop_reasons.BAD_TIME),
        ("1::20::3::", drop_reasons.BAD_TIME),
        ("1::99::3::4", drop_reasons.UNKNOWN_MOVIE),
    ],
)
def test_parse_block_drops_and_reports_a_bad_row(line, reason):
    # Lines: 0 good, 1 blank, 2 good, 3 bad, 4 good, 5 bad again.
    data = f"1::20::3::4\n\n2::20::3::4\n{line}\n3::20::3::4\n{line}\n".encode()
    catalogue = pa.array(["20"])

    parsed = parse_block(data, MOVIELENS_1M, Rules(0.5, 5.0, catalogue))

    assert [row[0] for row in rows(parsed)] == ["1", "2", "3"]
    assert parsed.rows == 5
    assert parsed.dropped == {reason: 2}
    assert parsed.firsts == {reason: (3, line.strip())}


def test_parse_block_counts_a_row_once_by_its_first_fault():
    parsed = parse_block(b"::99::x::y\n", MOVIELENS_1M, Rules(1, 5, pa.array(["20"])))
    assert parsed.dropped == {drop_reasons.BAD_ID: 1}


def test_parse_block_finds_lines_where_reasons_mix():
    data = b"short\n\n1::2::3::4\n1::2::x::4\n\nshort::er\n1::3::9::4\n"
    parsed = parse_block(data, MOVIELENS_1M, RULES)
    # Lines from 0: "short" 0, the word for a rating 3, "short::er" 5 (the second), 9 of 5 in 6.
    assert parsed.firsts == {
        drop_reasons.BROKEN: (0, "short"),
        drop_reasons.NOT_A_NUMBER: (3, "1::2::x::4"),
        drop_reasons.OUT_OF_RANGE: (6, "1::3::9::4"),
    }
    assert parsed.dropped == {
        drop_reasons.BROKEN: 2,
        drop_reasons.NOT_A_NUMBER: 1,
        drop_reasons.OUT_OF_RANGE: 1,
    }
    assert len(rows(parsed)) == 1


def test_parse_block_open_quote_spoils_its_own_line_only():
    data = b'1,20,3,40\n"2,20,3,40\n3,20,3,40\n'
    parsed = parse_block(data, CSV, RULES)
    # Unquoted, the line is a good row: nothing is lost.
    assert [row[0] for row in rows(parsed)] == ["1", "2", "3"]
    assert parsed.rows == 3


def test_parse_block_decodes_ids_that_are_not_utf8():
    assert rows(parse_block(b"Jos\xe9::20::3::4\n", MOVIELENS_1M, RULES)) == [("José", "20", 3, 4)]
    assert rows(parse_block("José::20::3::4\n".encode(), MOVIELENS_1M, RULES))[0][0] == "José"


def test_parse_block_skips_a_byte_order_mark():
    assert rows(parse_block(b"\xef\xbb\xbf1::20::3::4\n", MOVIELENS_1M, RULES))[0][0] == "1"


@pytest.mark.parametrize("data", [b"", b"\n\n", b"\r\n"])
def test_parse_block_of_nothing_is_empty(data):
    parsed = parse_block(data, MOVIELENS_1M, RULES)
    assert (parsed.rows, parsed.table.num_rows) == (0, 0)
    assert parsed.table.schema == ratings.SCHEMA


def test_parse_block_cuts_long_lines_in_reports():
    parsed = parse_block(b"x" * 500 + b"\n1::2::3::4\n", MOVIELENS_1M, RULES)
    assert parsed.firsts[drop_reasons.BROKEN] == (0, "x" * 79 + "…")


def test_check_keeps_everything_of_a_good_table():
    table = pa.table({"user": [1], "movie": [2], "rating": [3], "timestamp": [4]})
    accepted, bad = ratings.check(table, RULES)
    assert accepted.to_pylist() == [{"user": "1", "movie": "2", "rating": 3.0, "timestamp": 4}]
    assert bad == {}

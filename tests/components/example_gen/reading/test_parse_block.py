import math
from dataclasses import replace

import pyarrow as pa
import pytest

from components.example_gen import drop_reasons
from components.example_gen.formats.dialect import Dialect
from components.example_gen.formats.table_format import TableFile, TableFormat
from components.example_gen.layouts.known import BY_NAME, RATING_COLUMNS
from components.example_gen.reading import ratings
from components.example_gen.reading.parse_block import parse_text
from components.example_gen.reading.ratings import Rules

RULES = Rules(0.5, 5.0)
MOVIELENS_1M = BY_NAME["ml-1m"].ratings.table_format(RATING_COLUMNS)
MOVIELENS_100K = BY_NAME["ml-100k"].ratings.table_format(RATING_COLUMNS)
# What is said after a broken row of ML-1M.
EXPECTED = " (expected: user::movie::rating::timestamp)"


def csv(*names, delimiter=",", **dialect):
    """Returns the format of a text file whose columns are called by their roles."""
    roles = {name: n for n, name in enumerate(names) if name in (*RATING_COLUMNS, "event")}
    return TableFormat("csv", names, roles, Dialect(delimiter, True, True, **dialect))


CSV = csv(*RATING_COLUMNS)


def parse(data, row_format, rules):
    return parse_text(data, TableFile("ratings", row_format), rules)


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
    parsed = parse(data, row_format, RULES)

    assert rows(parsed) == [("1", "20", 3.5, 40), ("2", "21", 4.0, 41)]
    assert parsed.table.schema == ratings.SCHEMA
    assert (parsed.rows, parsed.dropped, parsed.firsts) == (2, {}, {})


def test_parse_block_takes_columns_in_any_order_and_ignores_others():
    row_format = csv("timestamp", "note", "rating", "movie", "user", delimiter=";")
    assert rows(parse(b'40;"a; b";3;20;1\n', row_format, RULES)) == [("1", "20", 3.0, 40)]


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

    parsed = parse(data, MOVIELENS_1M, Rules(0.5, 5.0, catalogue))

    assert [row[0] for row in rows(parsed)] == ["1", "2", "3"]
    assert parsed.rows == 5
    assert parsed.dropped == {reason: 2}
    shown = line.strip() + (EXPECTED if reason == drop_reasons.BROKEN else "")
    assert parsed.firsts == {reason: (3, shown)}


def test_parse_block_counts_a_row_once_by_its_first_fault():
    parsed = parse(b"::99::x::y\n", MOVIELENS_1M, Rules(1, 5, pa.array(["20"])))
    assert parsed.dropped == {drop_reasons.BAD_ID: 1}


def test_parse_block_finds_lines_where_reasons_mix():
    data = b"short\n\n1::2::3::4\n1::2::x::4\n\nshort::er\n1::3::9::4\n"
    parsed = parse(data, MOVIELENS_1M, RULES)
    # Lines from 0: "short" 0, the word for a rating 3, "short::er" 5 (the second), 9 of 5 in 6.
    assert parsed.firsts == {
        drop_reasons.BROKEN: (0, "short" + EXPECTED),
        drop_reasons.NOT_A_NUMBER: (3, "1::2::x::4"),
        drop_reasons.OUT_OF_RANGE: (6, "1::3::9::4"),
    }
    assert parsed.dropped == {
        drop_reasons.BROKEN: 2,
        drop_reasons.NOT_A_NUMBER: 1,
        drop_reasons.OUT_OF_RANGE: 1,
    }
    assert len(rows(parsed)) == 1


def test_parse_block_quote_that_never_closes_spoils_its_own_line_only():
    data = b'1,20,3,40\n"2,20,3,40\n3,20,3,40\n'
    parsed = parse(data, CSV, RULES)
    assert [row[0] for row in rows(parsed)] == ["1", "3"]
    shape = " (expected: user,movie,rating,timestamp)"
    assert parsed.firsts == {drop_reasons.BROKEN: (1, '"2,20,3,40' + shape)}
    assert parsed.rows == 3


def test_parse_block_keeps_quotes_inside_of_ids():
    data = b'u"1,20,3,40\nu1,20,3,40\n"u""1",21,3,41\n'
    assert [row[0] for row in rows(parse(data, CSV, RULES))] == ['u"1', "u1", 'u"1']


def test_parse_block_reads_line_ends_inside_of_quotes():
    data = b'"a\nb",20,3,40\n1,20,x,40\n"c, ""d""\n\n",21,3,41\n2,20,3,42\n'
    parsed = parse(data, CSV, RULES)
    # Ids lose outer spaces and line ends, as all ids do.
    assert [row[0] for row in rows(parsed)] == ["a\nb", 'c, "d"', "2"]
    assert parsed.firsts == {drop_reasons.NOT_A_NUMBER: (2, "1,20,x,40")}


def test_parse_block_survives_a_line_of_many_values():
    data = b"1,20,3,40\n" + b"," * 900_000 + b"\n2,20,3,40\n"
    parsed = parse(data, CSV, RULES)
    assert [row[0] for row in rows(parsed)] == ["1", "2"]
    assert parsed.dropped == {drop_reasons.BROKEN: 1}
    assert parsed.firsts[drop_reasons.BROKEN][0] == 1


def test_parse_block_reads_decimal_commas_and_runs_of_blanks():
    decimal = csv(*RATING_COLUMNS, delimiter=";", decimal=",")
    assert rows(parse(b"1;20;3,5;40\n", decimal, RULES)) == [("1", "20", 3.5, 40)]
    blanks = csv(*RATING_COLUMNS, delimiter=" ")
    assert rows(parse(b" 1   20\t3.5 40 \n", blanks, RULES)) == [("1", "20", 3.5, 40)]


def test_parse_block_without_ratings_and_times():
    parsed = parse(b"1,20\n", csv("user", "movie"), Rules())
    assert rows(parsed) == [("1", "20", 1.0, 0)]


def test_parse_block_weighs_events_and_counts_those_without_a_weight():
    events = csv("user", "movie", "event")
    rules = Rules(event_weights={"view": 1, "buy": 5, "click": 0}, weighted=True)
    data = b"1,20,view\n1,21,buy\n1,22,click\n1,23,other\n"
    parsed = parse(data, events, rules)
    assert parsed.table.select(["movie", "rating", "weight"]).to_pylist() == [
        {"movie": "20", "rating": 1.0, "weight": 1.0},
        {"movie": "21", "rating": 5.0, "weight": 5.0},
    ]
    assert parsed.dropped == {drop_reasons.NOT_POSITIVE: 1, drop_reasons.UNKNOWN_EVENT: 1}
    # Without weights the events do not matter.
    assert parse(data, events, Rules()).table.num_rows == 4


def test_parse_block_leaves_out_what_is_not_rated_or_no_positive():
    parsed = parse(b"1,20,-1,40\n1,21,2,40\n1,22,4,40\n", CSV, Rules(not_rated=-1, min_positive=4))
    assert [row[1] for row in rows(parsed)] == ["22"]
    assert parsed.dropped == {drop_reasons.NOT_RATED: 1, drop_reasons.NOT_POSITIVE: 1}
    assert {*parsed.dropped} <= drop_reasons.HARMLESS


def test_counts_weigh_by_their_logarithm():
    counts = replace(CSV, values="counts")
    parsed = parse(b"1,20,1,40\n1,21,0,40\n1,22,100,40\n", counts, Rules(weighted=True))
    assert parsed.table["weight"].to_pylist() == pytest.approx([1, 1 + math.log(100)])
    assert parsed.dropped == {drop_reasons.NOT_POSITIVE: 1}


def test_parse_block_decodes_ids_that_are_not_utf8():
    assert rows(parse(b"Jos\xe9::20::3::4\n", MOVIELENS_1M, RULES)) == [("José", "20", 3, 4)]
    assert rows(parse("José::20::3::4\n".encode(), MOVIELENS_1M, RULES))[0][0] == "José"


def test_parse_block_skips_a_byte_order_mark():
    assert rows(parse(b"\xef\xbb\xbf1::20::3::4\n", MOVIELENS_1M, RULES))[0][0] == "1"


@pytest.mark.parametrize("data", [b"", b"\n\n", b"\r\n"])
def test_parse_block_of_nothing_is_empty(data):
    parsed = parse(data, MOVIELENS_1M, RULES)
    assert (parsed.rows, parsed.table.num_rows) == (0, 0)
    assert parsed.table.schema == ratings.SCHEMA


def test_parse_block_cuts_long_lines_in_reports():
    parsed = parse(b"x" * 500 + b"\n1::2::3::4\n", MOVIELENS_1M, RULES)
    assert parsed.firsts[drop_reasons.BROKEN] == (0, "x" * 80 + "… (500 characters)" + EXPECTED)


def test_check_keeps_everything_of_a_good_table():
    table = pa.table({"user": [1], "movie": [2], "rating": [3], "timestamp": [4]})
    accepted, bad = ratings.check(table, RULES, CSV)
    assert accepted.to_pylist() == [{"user": "1", "movie": "2", "rating": 3.0, "timestamp": 4}]
    assert bad == {}

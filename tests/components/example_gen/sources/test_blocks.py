import bz2
import gzip

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from components.errors import DataError
from components.example_gen import drop_reasons
from components.example_gen.formats.raw_table import read_raw
from components.example_gen.formats.table_format import TableFile, as_ratings
from components.example_gen.layouts.known import BY_NAME, RATING_COLUMNS
from components.example_gen.reading.ratings import Rules
from components.example_gen.sources import blocks
from components.example_gen.sources.data_set import DataFiles

RULES = Rules(1, 5)
LINES = [f"{n}::{'20' * (n % 4 + 1)}::3::{n}" for n in range(1, 20)]


def plan(path, size, layout="ml-10m"):
    if layout in BY_NAME:
        rows = BY_NAME[layout].ratings.table_format(RATING_COLUMNS)
    else:
        rows = as_ratings(read_raw(str(path)), {})
    data = DataFiles(layout, (TableFile(str(path), rows),))
    return blocks.plan(data, size, str(path.parent / "copies"))


def read(path, size, layout="ml-10m"):
    return [blocks.parse(block, RULES) for block in plan(path, size, layout)]


@pytest.mark.parametrize("end", ["\n", "\r\n", ""])
@pytest.mark.parametrize("size", [1, 7, 13, 14, 64, 1000])
def test_plan_and_parse_read_every_line_once(tmp_path, size, end):
    path = tmp_path / "ratings.dat"
    separator = end or "\n"
    path.write_bytes((separator.join(LINES) + end).encode())

    parts = read(path, size)

    users = [user for parsed, _ in parts for user in parsed.table["user"].to_pylist()]
    assert users == [str(n) for n in range(1, 20)]
    # The last line has no line end where `end` is "".
    assert sum(lines for _, lines in parts) == (19 if end else 18)


def test_parse_skips_the_header_and_keeps_line_numbers(tmp_path):
    path = tmp_path / "ratings.csv"
    path.write_text("user,item,rating,time\n1,20,3,4\n1,21,9,4\n")
    ((parsed, lines),) = read(path, 1000, "csv")
    assert parsed.rows == 2
    assert parsed.firsts == {drop_reasons.OUT_OF_RANGE: (2, "1,21,9,4")}
    assert lines == 3


@pytest.mark.parametrize("ends", ["\r\n", "\n\r", "\r\r\n\n", "\n\n\r\r", "\r\n\r\n"])
@pytest.mark.parametrize("header", ["", "user,item,rating,time"])
def test_parse_reads_every_row_of_a_file_with_mixed_line_ends(tmp_path, ends, header):
    lines = [header, "1,20,3,4", "2,21,4,5", "3,20,3,6", "4,20,3,7"]
    if not header:
        lines = [line.replace(",", "::") for line in lines[1:]]
    text = "".join(line + ends[n % len(ends)] for n, line in enumerate(lines))
    path = tmp_path / ("ratings.csv" if header else "ratings.dat")
    path.write_bytes(text.encode())
    ((parsed, _),) = read(path, 1000, "csv" if header else "ml-10m")
    assert parsed.table["user"].to_pylist() == ["1", "2", "3", "4"]
    assert not parsed.dropped


def test_parse_header_longer_than_a_block(tmp_path):
    path = tmp_path / "ratings.csv"
    path.write_text("user,item,rating,time\n1,20,3,4\n")
    assert sum(parsed.rows for parsed, _ in read(path, 4, "csv")) == 1


@pytest.mark.parametrize("size", [1, 9, 20, 64, 1000])
def test_blocks_end_after_records_with_line_ends_inside(tmp_path, size):
    path = tmp_path / "ratings.csv"
    rows = [f'{n},20,3,4,"a\n""b"",\n{n}"' if n % 3 else f"{n},20,3,4,x" for n in range(20)]
    path.write_text("\n".join(["user,item,rating,time,note", *rows]) + "\n")
    parts = read(path, size, "csv")
    users = [user for parsed, _ in parts for user in parsed.table["user"].to_pylist()]
    assert users == [str(n) for n in range(20)]


@pytest.mark.parametrize("size", [8, 64, 1 << 20])
@pytest.mark.parametrize("pack", ["gzip", "bz2", "utf-16", "cr"])
def test_what_cannot_be_read_in_parts_is_read_through_a_copy(tmp_path, size, pack):
    text = "user,item,rating,time\n" + "".join(f"{n},20,3,4\n" for n in range(1, 20))
    data = {
        "gzip": lambda: gzip.compress(text.encode()),
        "bz2": lambda: bz2.compress(text.encode()),
        "utf-16": lambda: text.encode("utf-16"),
        "cr": lambda: text.replace("\n", "\r").encode(),
    }[pack]()
    path = tmp_path / "ratings.csv"
    path.write_bytes(data)
    parts = read(path, size, "csv")
    users = [user for parsed, _ in parts for user in parsed.table["user"].to_pylist()]
    assert users == [str(n) for n in range(1, 20)]
    assert {block.name for block in plan(path, size, "csv")} == {str(path)}


def test_plan_refuses_endless_lines_and_nul_with_their_line(tmp_path):
    path = tmp_path / "ratings.dat"
    path.write_bytes(b"1::20::3::4\n" * 3 + b"x" * (3 << 20))
    for size in (1 << 10, 16 << 20):
        with pytest.raises(
            DataError, match=r"ratings\.dat, line 4: a line of more than 1,048,576 b"
        ):
            plan(path, size)
    path.write_bytes(b"1::20::3::4\n" * 3 + b"1::\0::3::4\n")
    with pytest.raises(DataError, match=r"ratings\.dat, line 4: a NUL byte"):
        plan(path, 16)


def parquet(path, groups=3):
    table = pa.table(
        {
            "user_id": [1, 1, 2, 2, 3, 3],
            "item_id": pa.array(["20", "21", "20", "21", "20", None]).dictionary_encode(),
            "rating": pa.array([3, 4, 5, 1, 2, 3], pa.int8()),
            "timestamp": pa.array([1, 2, 3, 4, 5, 6], pa.timestamp("s")),
            "other": ["x"] * 6,
        }
    )
    pq.write_table(table, path, row_group_size=6 // groups)


@pytest.mark.parametrize(("size", "count"), [(1, 3), (1 << 20, 1)])
def test_parse_reads_row_groups_of_parquet(tmp_path, size, count):
    path = tmp_path / "ratings.parquet"
    parquet(path)

    parts = read(path, size, "parquet")

    assert len(parts) == count
    rows = [tuple(row.values()) for parsed, _ in parts for row in parsed.table.to_pylist()]
    assert rows == [
        ("1", "20", 3.0, 1),
        ("1", "21", 4.0, 2),
        ("2", "20", 5.0, 3),
        ("2", "21", 1.0, 4),
        ("3", "20", 2.0, 5),
    ]
    assert parts[-1][0].dropped == {drop_reasons.BAD_ID: 1}
    assert "user=3, movie=None, rating=3" in parts[-1][0].firsts[drop_reasons.BAD_ID][1]


def test_parse_counts_unreadable_row_groups(tmp_path):
    path = tmp_path / "ratings.parquet"
    parquet(path, groups=1)
    data = bytearray(path.read_bytes())
    data[4:60] = b"\xff" * 56  # inside the first pages: the footer stays whole
    path.write_bytes(data)

    ((parsed, _),) = read(path, 1, "parquet")

    assert parsed.dropped == {drop_reasons.UNREADABLE: 6}
    assert parsed.table.num_rows == 0


def test_json_lines_are_read_in_blocks(tmp_path):
    path = tmp_path / "ratings.json"
    lines = [f'{{"user": "{n}", "item": {20 + n}, "rating": {n % 5}.5}}' for n in range(1, 12)]
    path.write_text("\n".join([*lines[:5], "{broken", "", *lines[5:]]))
    parts = read(path, 60, "json")
    users = [user for parsed, _ in parts for user in parsed.table["user"].to_pylist()]
    assert users == [str(n) for n in range(1, 12) if 1 <= n % 5 + 0.5 <= 5]
    assert sum(parsed.dropped.get(drop_reasons.BROKEN, 0) for parsed, _ in parts) == 1

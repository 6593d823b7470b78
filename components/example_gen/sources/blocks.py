"""Cuts rating files into blocks of whole rows, each of which is read by itself."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

from components.example_gen import drop_reasons
from components.example_gen.reading import files, parquet, ratings, text
from components.example_gen.reading.formats import RatingFormat
from components.example_gen.reading.ratings import Parsed, Rules
from components.example_gen.sources.data_files import DataFiles

MAX_LINE_BYTES = 1 << 20


@dataclass(frozen=True)
class Block:
    """A part of a rating file.

    Attributes:
        file: The file's path.
        start: Of a text file the byte, of a Parquet file the row group, where the block begins.
        stop: Where the next block begins. A line belongs to the block in which it begins.
        row_format: How the rows of a text file are written; None for Parquet.
    """

    file: str
    start: int
    stop: int
    row_format: RatingFormat | None


def plan(data: DataFiles, block_bytes: int) -> list[Block]:
    """Returns the blocks of all rating files.

    Raises:
        DataError: If a file is empty or does not begin as its layout says.
    """
    blocks: list[Block] = []
    for path in data.ratings:
        row_format = data.layout.rating_format(path)
        if row_format is None:
            ranges = parquet.row_groups(path, block_bytes)
        else:
            total = files.size(path)
            starts = range(0, total, block_bytes)
            ranges = [(start, min(start + block_bytes, total)) for start in starts]
        blocks += [Block(path, start, stop, row_format) for start, stop in ranges]
    return blocks


def read_lines(block: Block) -> bytes:
    """Returns the lines that begin in the block, the last one whole.

    A line is cut after MAX_LINE_BYTES: it is no rating row.
    """
    before = 1 if block.start else 0
    with files.open_binary(block.file) as file:
        file.seek(block.start - before)
        data = file.read(block.stop - block.start + before)
        if before:
            first = data.find(b"\n") + 1
            data = data[first:] if first else b""
        if data and not data.endswith(b"\n"):
            rest = file.read(MAX_LINE_BYTES)
            data += rest[: rest.find(b"\n") + 1 or len(rest)]
    return data


def _parse_text(block: Block, row_format: RatingFormat, rules: Rules) -> tuple[Parsed, int]:
    data = ratings.one_line_end(read_lines(block))
    lines = data.count(b"\n")
    if block.start == 0 and row_format.header:
        # The header's line stays as a blank one, so that line numbers hold.
        header = data.find(b"\n")
        data = data[header:] if header >= 0 else b""
    return ratings.parse_block(data, row_format, rules), lines


def _parse_parquet(block: Block, rules: Rules) -> Parsed:
    rows = parquet.row_count(block.file, block.start, block.stop)
    try:
        table = parquet.read_ratings(block.file, block.start, block.stop)
        accepted, bad = ratings.check(table, rules)
    except (pa.ArrowException, OSError) as error:
        first = {drop_reasons.UNREADABLE: (0, text.shorten(str(error)))}
        return Parsed(ratings.SCHEMA.empty_table(), rows, {drop_reasons.UNREADABLE: rows}, first)
    counts = {reason: len(positions) for reason, positions in bad.items()}
    firsts = {}
    for reason, positions in bad.items():
        row = table.slice(int(positions[0]), 1).to_pylist()[0]
        shown = ", ".join(f"{name}={value}" for name, value in row.items())
        firsts[reason] = int(positions[0]), text.shorten(shown)
    return Parsed(accepted, rows, counts, firsts)


def parse(block: Block, rules: Rules) -> tuple[Parsed, int]:
    """Returns the rows of a block, and how many lines (of Parquet: rows) it has."""
    if block.row_format is not None:
        return _parse_text(block, block.row_format, rules)
    parsed = _parse_parquet(block, rules)
    return parsed, parsed.rows

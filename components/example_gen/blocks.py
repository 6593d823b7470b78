"""Cuts rating files into blocks of whole rows that are read apart from each other."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

from components.errors import DataError
from components.example_gen import files, formats, ratings
from components.example_gen.formats import RatingFormat
from components.example_gen.layouts import Layout
from components.example_gen.ratings import Parsed, Rules

MAX_LINE_BYTES = 1 << 20


@dataclass(frozen=True)
class Block:
    """A part of a rating file.

    Attributes:
        file: The file's path.
        start, stop: Of a text file the bytes: the block has the lines that begin in
            start:stop. Of a Parquet file the row groups.
        form: How the rows of a text file are written; None for Parquet.
    """

    file: str
    start: int
    stop: int
    form: RatingFormat | None


def _text_blocks(layout: str, path: str, block_bytes: int) -> list[Block]:
    form = formats.read_rating_format(layout, path)
    total = files.size(path)
    starts = range(0, total, block_bytes)
    return [Block(path, start, min(start + block_bytes, total), form) for start in starts]


def _parquet_blocks(path: str, block_bytes: int) -> list[Block]:
    """Puts row groups together up to `block_bytes` of their uncompressed data."""
    import pyarrow.parquet as pq

    with files.open_binary(path) as file:
        try:
            metadata = pq.ParquetFile(file).metadata
        except (pa.ArrowInvalid, OSError) as error:
            raise DataError(f"{path}: no readable Parquet file ({error})") from error
        names = list(metadata.schema.to_arrow_schema().names)
    formats.require_rating_columns(formats.canonical_columns(names), names, path)
    blocks: list[Block] = []
    start, held = 0, 0
    for group in range(metadata.num_row_groups):
        held += metadata.row_group(group).total_byte_size
        if held >= block_bytes or group == metadata.num_row_groups - 1:
            blocks.append(Block(path, start, group + 1, None))
            start, held = group + 1, 0
    return blocks


def plan(layout: Layout, block_bytes: int) -> list[Block]:
    """Returns the blocks of all rating files.

    Raises:
        DataError: If a file is empty or does not begin as its layout says.
    """
    blocks: list[Block] = []
    for path in layout.ratings:
        if layout.name == "parquet":
            blocks += _parquet_blocks(path, block_bytes)
        else:
            blocks += _text_blocks(layout.name, path, block_bytes)
    return blocks


def read_lines(block: Block) -> bytes:
    """Returns the lines that begin in the block, the last one whole.

    Lines of more than MAX_LINE_BYTES are cut: they are no rating rows.
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


def _parse_parquet(block: Block, rules: Rules) -> Parsed:
    import pyarrow.parquet as pq

    with files.open_binary(block.file) as file:
        source = pq.ParquetFile(file)
        names = list(source.schema_arrow.names)
        columns = dict(zip(formats.canonical_columns(names), names, strict=True))
        chosen = [columns[name] for name in formats.RATING_COLUMNS]
        table = source.read_row_groups(list(range(block.start, block.stop)), columns=chosen)
    table = table.select(chosen).rename_columns(formats.RATING_COLUMNS)
    accepted, bad = ratings.check(table, rules)
    firsts = {
        reason: (int(rows[0]), str(table.slice(int(rows[0]), 1).to_pylist()[0])[:80])
        for reason, rows in bad.items()
    }
    counts = {reason: len(rows) for reason, rows in bad.items()}
    return Parsed(accepted, table.num_rows, counts, firsts)


def parse(block: Block, rules: Rules) -> tuple[Parsed, int]:
    """Returns the rows of a block, and how many lines (of Parquet: rows) it has."""
    if block.form is None:
        parsed = _parse_parquet(block, rules)
        return parsed, parsed.rows
    data = read_lines(block)
    lines = data.count(b"\n")
    if block.start == 0 and block.form.header:
        # The header's line stays as a blank one, so that line numbers hold.
        data = data[data.find(b"\n") :] if b"\n" in data else b""
    return ratings.parse_block(data, block.form, rules), lines

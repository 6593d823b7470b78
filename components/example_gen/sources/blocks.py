"""Cuts files of interactions into blocks of whole records, each of which is read by itself."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator
from dataclasses import dataclass, replace

from components.errors import DataError
from components.example_gen.formats import files, parquet, text
from components.example_gen.formats.raw_table import PARQUET
from components.example_gen.formats.table_format import TableFile
from components.example_gen.reading import records
from components.example_gen.reading.parse_block import parse_parquet, parse_text
from components.example_gen.reading.ratings import Parsed, Rules
from components.example_gen.reading.tables import blank_start
from components.example_gen.sources import plain_text
from components.example_gen.sources.data_set import DataFiles

MAX_LINE_BYTES = 1 << 20


@dataclass(frozen=True)
class Block:
    """A part of a file of interactions.

    Attributes:
        file: The file that is read, or a plain copy of it.
        name: The file that was given.
        start: Of a text file the byte, of a Parquet file the row group, where the block begins.
        stop: Where the next block begins.
    """

    file: TableFile
    name: str
    start: int
    stop: int


def plan(data: DataFiles, block_bytes: int, copies: str) -> list[Block]:
    """Returns the blocks of all files of interactions.

    Text is read once from start to end, to find where records begin. What cannot be read in parts
    (compressed files, UTF-16, lines that end in CR) is written as plain UTF-8 to `copies`.

    Args:
        data: The files.
        block_bytes: Size of a block.
        copies: Folder for plain copies, on a file system that all workers see.

    Raises:
        DataError: If a file is damaged, holds NUL, or a line longer than MAX_LINE_BYTES.
    """
    blocks: list[Block] = []
    for number, file in enumerate(data.ratings):
        if file.format.kind == PARQUET:
            blocks += [
                Block(file, file.path, start, stop)
                for start, stop in parquet.row_groups(file.path, block_bytes)
            ]
        else:
            blocks += _text_blocks(file, block_bytes, os.path.join(copies, f"plain-{number}"))
    return blocks


def as_utf8(file: TableFile) -> TableFile:
    """Returns the file as one in UTF-8."""
    dialect = file.format.dialect
    if dialect is None:
        return file
    return replace(file, format=replace(file.format, dialect=replace(dialect, encoding=text.UTF8)))


def _text_blocks(file: TableFile, block_bytes: int, copy: str) -> list[Block]:
    dialect = file.format.dialect
    encoding = dialect.encoding if dialect else text.UTF8
    name = file.path
    if plain_text.needs_copy(name, encoding):
        plain_text.write_copy(name, encoding, copy)
        file = replace(as_utf8(file) if encoding == text.UTF16 else file, path=copy)
    stops = list(_record_ends(file, block_bytes, name))
    return [Block(file, name, start, stop) for start, stop in itertools.pairwise([0, *stops])]


def _record_ends(file: TableFile, block_bytes: int, name: str) -> Iterator[int]:
    """Yields where blocks end: after about `block_bytes` each, and always after a record."""
    path, dialect = file.path, file.format.dialect
    delimiter = dialect.delimiter if dialect else ","
    quoted = dialect is not None and dialect.quoted
    rest, begin = b"", 0
    for chunk in plain_text.read_chunks(path, block_bytes):
        data = rest + chunk
        if b"\0" in chunk:
            raise DataError(_fault(path, name, begin + data.index(b"\0"), "a NUL byte"))
        length = records.complete_length(data, delimiter, quoted)
        _check_lines(data, begin, path, name)
        if length:
            yield begin + length
        rest, begin = data[length:], begin + length
    if rest:
        yield begin + len(rest)


def _check_lines(data: bytes, begin: int, path: str, name: str) -> None:
    """Refuses lines that are longer than MAX_LINE_BYTES."""
    for start in records.windows_without_line_end(data, MAX_LINE_BYTES // 2):
        line = data.rfind(b"\n", 0, start) + 1
        end = data.find(b"\n", start)
        size = (len(data) if end < 0 else end) - line
        if size > MAX_LINE_BYTES:
            what = f"a line of more than {MAX_LINE_BYTES:,} bytes"
            raise DataError(_fault(path, name, begin + line, what))


def _fault(path: str, name: str, offset: int, what: str) -> str:
    """Returns a message with the number of the line at an offset."""
    line, position = 1, 0
    for chunk in plain_text.read_chunks(path, 1 << 24):
        line += chunk[: max(offset - position, 0)].count(b"\n")
        position += len(chunk)
        if position >= offset:
            break
    return f"{name}, line {line}: {what}; accepted are rows of text, one interaction a line"


def parse(block: Block, rules: Rules) -> tuple[Parsed, int]:
    """Returns the rows of a block, and how many lines (of Parquet: rows) it has."""
    file = block.file
    if file.format.kind == PARQUET:
        parsed = parse_parquet(file, block.start, block.stop, rules)
        return parsed, parsed.rows
    data = files.read_bytes(file.path, block.stop - block.start, block.start)
    lines = data.count(b"\n")
    dialect = file.format.dialect
    if block.start == 0 and dialect is not None:
        data = blank_start(data, dialect.skip + dialect.header)
    return parse_text(data, file, rules), lines

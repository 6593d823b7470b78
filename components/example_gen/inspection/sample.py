"""Rows from several places of a data set, read as a run reads them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pyarrow as pa

from components.example_gen.formats import containers, files, parquet, text
from components.example_gen.formats.raw_table import PARQUET
from components.example_gen.formats.table_format import TableFile
from components.example_gen.reading.delimited import one_line_end
from components.example_gen.reading.parse_block import parse_parquet, parse_text
from components.example_gen.reading.ratings import Parsed, Rules
from components.example_gen.reading.tables import blank_start
from components.example_gen.sources import blocks
from components.example_gen.sources.data_set import DataFiles

SAMPLE_BYTES = 1 << 20
_FILES = 3


@dataclass
class Rows:
    """Rows that were read, and those that a run would leave out.

    Attributes:
        table: The accepted rows; columns as in Rules.schema.
        rows: Number of rows, accepted or not.
        dropped: Reason → number of rows.
        firsts: Reason → (file, line from 1 or 0 where it is not known, text) of the first one.
        whole: Whether these are all rows.
    """

    table: pa.Table
    rows: int = 0
    dropped: Counter[str] = field(default_factory=Counter)
    firsts: dict[str, tuple[str, int, str]] = field(default_factory=dict)
    whole: bool = True


def _collect(parts: Iterator[tuple[str, int | None, Parsed]], rules: Rules, whole: bool) -> Rows:
    """Adds parts up: (file, lines before it or None, what was read)."""
    result = Rows(rules.schema.empty_table(), whole=whole)
    tables = []
    for path, before, parsed in parts:
        tables.append(parsed.table)
        result.rows += parsed.rows
        result.dropped.update(parsed.dropped)
        for reason, (line, shown) in parsed.firsts.items():
            number = 0 if before is None else before + line + 1
            result.firsts.setdefault(reason, (path, number, shown))
    if tables:
        result.table = pa.concat_tables(tables)
    return result


def read_sample(data: DataFiles, rules: Rules) -> Rows:
    """Reads the start, the middle and the end of up to three files of interactions.

    At each place of a text SAMPLE_BYTES are read, of a Parquet file a row group.

    Args:
        data: The files.
        rules: Which rows are accepted.
    """
    last = len(data.ratings) - 1
    chosen = sorted({0, last // 2, last}) if last >= _FILES else range(last + 1)
    parts: list[tuple[str, int | None, Parsed]] = []
    whole = len(chosen) == last + 1
    for number in chosen:
        file = data.ratings[number]
        read = _parquet_sample if file.format.kind == PARQUET else _text_sample
        of_file, complete = read(file, rules)
        parts += [(file.path, before, parsed) for before, parsed in of_file]
        whole &= complete
    return _collect(iter(parts), rules, whole)


def _parquet_sample(file: TableFile, rules: Rules) -> tuple[list[tuple[int | None, Parsed]], bool]:
    groups = parquet.row_groups(file.path, 1)
    if not groups:
        return [], True
    chosen = sorted({0, len(groups) - 1})
    parsed = [(None if n else 0, parse_parquet(file, *groups[n], rules)) for n in chosen]
    return parsed, len(chosen) == len(groups)


def _text_sample(file: TableFile, rules: Rules) -> tuple[list[tuple[int | None, Parsed]], bool]:
    head = containers.read_head(file.path, 3 * SAMPLE_BYTES)
    whole = len(head) < 3 * SAMPLE_BYTES
    head = head if whole else head[:SAMPLE_BYTES]
    parts: list[tuple[int | None, Parsed]] = [(0, _head_rows(file, head, whole, rules))]
    packed = containers.compression(files.read_bytes(file.path, 16))
    if whole or packed or _is_utf16(file):
        return parts, whole
    total = files.size(file.path)
    for start in (total // 2, max(total - SAMPLE_BYTES, SAMPLE_BYTES)):
        piece = files.read_bytes(file.path, SAMPLE_BYTES, start)
        parts.append((None, _inner_rows(file, piece, rules)))
    return parts, False


def _is_utf16(file: TableFile) -> bool:
    return file.format.dialect is not None and file.format.dialect.encoding == text.UTF16


def _head_rows(file: TableFile, head: bytes, whole: bool, rules: Rules) -> Parsed:
    if _is_utf16(file):
        head = text.decode(head[: len(head) // 2 * 2], text.UTF16).encode()
        file = blocks.as_utf8(file)
    data = one_line_end(head)
    if not whole:
        data = data[: data.rfind(b"\n") + 1]
    if (dialect := file.format.dialect) is not None:
        data = blank_start(data, dialect.skip + dialect.header)
    return parse_text(data, file, rules)


def _inner_rows(file: TableFile, piece: bytes, rules: Rules) -> Parsed:
    """Reads whole lines of a piece, but for those whose quotes begin before it."""
    data = one_line_end(piece)
    data = data[data.find(b"\n") + 1 : data.rfind(b"\n") + 1]
    return parse_text(data, file, rules)


def read_all(
    data: DataFiles,
    rules: Rules,
    block_bytes: int,
    copies: str,
    progressed: Callable[[int, int], None],
) -> Rows:
    """Reads all interactions, block by block.

    Args:
        data: The files.
        rules: Which rows are accepted.
        block_bytes: Size of a block.
        copies: Folder for plain copies of what cannot be read in parts.
        progressed: Called with the blocks read and their number.
    """
    planned = blocks.plan(data, block_bytes, copies)

    def parts() -> Iterator[tuple[str, int | None, Parsed]]:
        lines: Counter[str] = Counter()
        for number, block in enumerate(planned, 1):
            parsed, count = blocks.parse(block, rules)
            yield block.name, lines[block.name], parsed
            lines[block.name] += count
            progressed(number, len(planned))

    return _collect(parts(), rules, whole=True)

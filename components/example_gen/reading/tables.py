"""Reads the small files of a data set (movies, users) into rows of text."""

from __future__ import annotations

from collections.abc import Iterator
from operator import itemgetter
from typing import TYPE_CHECKING, NamedTuple

from components.errors import shown
from components.example_gen.formats import containers, parquet, text
from components.example_gen.formats.raw_table import PARQUET
from components.example_gen.formats.table_format import TableFile

if TYPE_CHECKING:
    from components.example_gen.reading.delimited import Rows as DelimitedRows


class Row(NamedTuple):
    """A row of a small file.

    Attributes:
        number: Its line, from 1.
        values: Role → value; none where the line is broken.
        line: The line as it is, where it is broken.
    """

    number: int
    values: dict[str, str]
    line: str = ""


_FLAG = "flag "


def _read_content(path: str, encoding: str, size: int) -> bytes:
    """Returns a file, decompressed, as UTF-8 unless it is Windows-1252.

    Of a file that is longer than `size`, which is -1 for no limit, the lines that end before it.
    """
    with containers.open_content(path) as file:
        data = file.read(size)
    if 0 <= size == len(data):
        data = data[: data.rfind(b"\n") + 1]
    if encoding == text.UTF16:
        return text.decode(data, encoding).encode()
    if b"\0" in data:
        text.detect_encoding(data, path)
    return data


def rows(file: TableFile, size: int = -1) -> Iterator[Row]:
    """Yields the rows of a file by the roles of its columns; flags are joined to the genres.

    Args:
        file: The file.
        size: How many bytes of a text are read at most; -1 for all.

    Raises:
        DataError: If it is damaged.
    """
    flagged = file.format.flags
    positions = {**file.format.roles, **{_FLAG + name: position for name, position in flagged}}
    read = _parquet_rows if file.format.kind == PARQUET else _text_rows
    for number, values, line in read(file, positions, size):
        flags = [name for name, _ in flagged if values.pop(_FLAG + name, "") == "1"]
        if flagged and values:
            values["genres"] = "|".join(flags)
        yield Row(number, values, line)


def ids(file: TableFile, role: str) -> list[str]:
    """Returns the ids of a file, whole columns at a time; "" for rows without.

    Args:
        file: The file.
        role: Which column.

    Raises:
        DataError: If it is damaged.
    """
    from components.example_gen.reading.columns import to_ids

    position = file.format.roles[role]
    if file.format.kind == PARQUET:
        column = parquet.read_columns(file.path, [position]).column(0)
    else:
        column = _read_text(file, {role: position})[0].table.column(0)
    return to_ids(column).to_pylist()


def _read_text(
    file: TableFile, positions: dict[str, int], size: int = -1
) -> tuple[DelimitedRows, bytes]:
    """Returns the columns of a text file, and the text."""
    from components.example_gen.reading import delimited, json_lines

    columns, dialect = file.format.names, file.format.dialect
    encoding = dialect.encoding if dialect else text.UTF8
    data = delimited.one_line_end(_read_content(file.path, encoding, size))
    if dialect is None:
        names = {role: columns[position] for role, position in positions.items()}
        return json_lines.read(data, names), data
    data = blank_start(data, dialect.skip + dialect.header)
    return delimited.read(data, dialect, len(columns), positions, {}), data


def _text_rows(file: TableFile, positions: dict[str, int], size: int) -> Iterator[Row]:
    read, data = _read_text(file, positions, size)
    columns = read.table.to_pydict()
    good = (
        Row(int(line) + 1, {role: _plain(values[n]) for role, values in columns.items()})
        for n, line in enumerate(read.lines())
    )
    lines = data.split(b"\n") if read.broken else []
    broken = (Row(n + 1, {}, shown(text.decode(lines[n]), 80, quote=False)) for n in read.broken)
    yield from sorted([*good, *broken], key=itemgetter(0))


def blank_start(data: bytes, lines: int) -> bytes:
    """Empties the first lines of a text; their line ends stay, so that line numbers hold."""
    end = -1
    for _ in range(lines):
        end = data.find(b"\n", end + 1)
        if end < 0:
            return b""
    return b"\n" * (lines - 1) + data[end:] if lines else data


def _parquet_rows(file: TableFile, positions: dict[str, int], size: int) -> Iterator[Row]:
    table = parquet.read_columns(file.path, list(positions.values()))
    columns = [column.to_pylist() for column in table.columns]
    for number, values in enumerate(zip(*columns, strict=True), 1):
        yield Row(number, dict(zip(positions, map(_plain, values), strict=True)))


def _plain(value: object) -> str:
    if value is None or value != value:  # NaN differs from itself
        return ""
    if isinstance(value, (list, tuple)):
        return "|".join(map(str, value))
    if isinstance(value, bytes):
        return text.decode(value)
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)

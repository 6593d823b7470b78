"""Reads text with separators into columns, whole blocks at a time, by pyarrow."""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv

from components.example_gen.formats import text
from components.example_gen.formats.dialect import UNIT, Dialect
from components.example_gen.reading import records

# Longer lines are looked at before pyarrow gets them: a million separators end its process.
_LONG_LINE = 1 << 16
_BLANKS = re.compile(rb"[ \t]+")


@dataclass(frozen=True)
class Rows:
    """Rows of a text, or of JSON lines.

    Attributes:
        table: The columns asked for, by role.
        data: The text that was read.
        broken: Numbers of the lines (from 0) that are no rows.
        quoted: Whether a record may have several lines.
        delimiter: What stands between values in `data`.
    """

    table: pa.Table
    data: bytes
    broken: list[int] = field(default_factory=list)
    quoted: bool = False
    delimiter: str = ","

    def lines(self) -> np.ndarray:
        """Returns int64 [rows]: the number of each row's line, from 0."""
        count = self.table.num_rows + len(self.broken)
        lines = _record_lines(self.data, self.delimiter, self.quoted, count)
        return np.setdiff1d(lines, self.broken)[: self.table.num_rows]


def _record_lines(data: bytes, delimiter: str, quoted: bool, count: int) -> np.ndarray:
    """Returns int64 [records]: the line in which each record that is not blank begins.

    Args:
        data: The text.
        delimiter: What stands between two values.
        quoted: Whether values may be quoted.
        count: How many records there are, where nothing was emptied.
    """
    lines = _begun_lines(data, delimiter, quoted, every_line=False)
    if quoted and len(lines) != count:
        lines = _begun_lines(data, delimiter, quoted, every_line=True)
    return lines


def _begun_lines(data: bytes, delimiter: str, quoted: bool, every_line: bool) -> np.ndarray:
    if quoted and b'"' in data:
        found = records.find_records(data, delimiter, every_line)
        lines, starts = found.lines, found.starts
    else:
        starts = records.line_starts(data)
        lines = np.arange(len(starts) - 1)
    begins = starts[lines]
    filled = np.frombuffer(data + b"\n", np.uint8)[begins] != 10
    return lines[filled]


def one_line_end(data: bytes) -> bytes:
    """Returns the text with LF in place of CR and CRLF."""
    return data.replace(b"\r\n", b"\n").replace(b"\r", b"\n") if b"\r" in data else data


def _blank_lines(data: bytes, starts: np.ndarray, numbers: list[int]) -> bytes:
    """Empties lines of a text; their line ends stay."""
    parts, end = [], 0
    for number in numbers:
        parts.append(data[end : starts[number]])
        end = starts[number + 1] - (data[starts[number + 1] - 1 : starts[number + 1]] == b"\n")
    return b"".join([*parts, data[end:]])


def _long_lines(data: bytes, delimiter: bytes, width: int) -> list[int]:
    """Returns the lines that are long because they have far too many values."""
    if next(records.windows_without_line_end(data, _LONG_LINE // 2), None) is None:
        return []
    starts = records.line_starts(data)
    long = np.flatnonzero(np.diff(starts) > _LONG_LINE).tolist()
    return [n for n in long if data[starts[n] : starts[n + 1]].count(delimiter) > 10 * width]


def prepare(data: bytes, dialect: Dialect, width: int) -> tuple[bytes, list[int]]:
    """Returns the text as pyarrow can read it, with LF and delimiters of one character.

    Returns:
        The text, and the numbers (from 0) of lines that were emptied: no rows.
    """
    data = one_line_end(data.removeprefix(codecs.BOM_UTF8))
    if dialect.encoding != text.UTF8 or not text.is_utf8(data):
        data = text.decode(data, text.WINDOWS).encode()
    if dialect.delimiter == "::":
        data = data.replace(b"::", UNIT.encode())
    elif dialect.delimiter == " ":
        stripped = (line.strip(b" \t") for line in data.split(b"\n"))
        data = _BLANKS.sub(UNIT.encode(), b"\n".join(stripped))
    delimiter = dialect.reader_delimiter
    broken: list[int] = []
    if long := _long_lines(data, delimiter.encode(), width):
        broken += long
        data = _blank_lines(data, records.line_starts(data), long)
    while dialect.quoted and b'"' in data:
        found = records.find_records(data, delimiter)
        if not found.open_lines:
            break
        broken += found.open_lines
        data = _blank_lines(data, found.starts, found.open_lines)
    return data, sorted(broken)


def read(
    data: bytes,
    dialect: Dialect,
    width: int,
    roles: Mapping[str, int],
    types: Mapping[str, pa.DataType],
) -> Rows:
    """Reads whole lines; blank ones are skipped.

    Args:
        data: The lines, without the header.
        dialect: How they are written; text that is not UTF-8 is read as Windows-1252.
        width: Number of values in a row.
        roles: Role → position of the columns to read.
        types: Role → type; where a value has another one, all columns are read as text. Roles
            without a type are read as text.
    """
    prepared, emptied = prepare(data, dialect, width)
    text_types = dict.fromkeys(roles, pa.string())
    if not (prepared[:1000].strip(b"\n") or prepared.strip(b"\n")):
        empty = pa.table({role: pa.array([], kind) for role, kind in text_types.items()})
        return Rows(empty, prepared, emptied)
    try:
        table, skipped = _read_csv(prepared, dialect, width, roles, {**text_types, **types})
    except pa.ArrowInvalid:
        table, skipped = _read_csv(prepared, dialect, width, roles, text_types)
    delimiter = dialect.reader_delimiter
    if skipped:
        count = table.num_rows + len(skipped)
        lines = _record_lines(prepared, delimiter, dialect.quoted, count)
        known = [lines[number - 1] for number in skipped if number <= len(lines)]
        emptied = sorted([*emptied, *map(int, known), *[0] * (len(skipped) - len(known))])
    return Rows(table, prepared, emptied, dialect.quoted, delimiter)


def _read_csv(
    data: bytes,
    dialect: Dialect,
    width: int,
    roles: Mapping[str, int],
    types: Mapping[str, pa.DataType],
) -> tuple[pa.Table, list[int]]:
    """Returns the columns, and the numbers (from 1, blank lines not counted) of broken rows."""
    broken: list[int] = []

    def skip(row: pa_csv.InvalidRow) -> str:
        broken.append(row.number)
        return "skip"

    names = [f"#{position}" for position in range(width)]
    for role, position in roles.items():
        names[position] = role
    table = pa_csv.read_csv(
        io.BytesIO(data),
        read_options=pa_csv.ReadOptions(
            use_threads=False, column_names=names, block_size=len(data) + 1
        ),
        parse_options=pa_csv.ParseOptions(
            delimiter=dialect.reader_delimiter,
            quote_char='"' if dialect.quoted else False,
            newlines_in_values=dialect.quoted,
            invalid_row_handler=skip,
        ),
        convert_options=pa_csv.ConvertOptions(
            column_types=dict(types),
            include_columns=list(roles),
            null_values=[],
            strings_can_be_null=False,
            decimal_point=dialect.decimal,
        ),
    )
    return table, broken

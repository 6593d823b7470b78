"""Reads the small files of a data set (movies, users) into rows of text."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import TypeAlias

from components.errors import DataError
from components.example_gen.reading import files, formats, parquet, text

# Number of the line (from 1) and values by column; no values where the line is broken.
Row: TypeAlias = tuple[int, dict[str, str]]


def text_lines(path: str) -> list[str]:
    """Returns the lines of a text file, decoded.

    Raises:
        DataError: If the file is empty or no text.
    """
    data = files.read_bytes(path)
    text.check_encoding(data[: formats.HEAD_BYTES], path)
    if not data.strip():
        raise DataError(f"{path}: the file is empty; accepted is one movie or user a line")
    return text.lines(data)


def delimited_rows(path: str, delimiter: str, columns: tuple[str, ...]) -> Iterator[Row]:
    """Yields the rows of a file without header.

    A line is broken where it has another number of values than columns; blank lines are skipped.
    """
    for number, line in enumerate(text_lines(path), 1):
        values = line.split(delimiter)
        if line and len(values) == len(columns):
            yield number, dict(zip(columns, values, strict=True))
        elif line.strip():
            yield number, {}


def csv_rows(path: str, names: formats.ColumnNames) -> Iterator[Row]:
    """Yields the rows of a CSV file with a header, as `delimited_rows` does.

    Args:
        path: The file; separated by comma, semicolon or tab.
        names: What the header may call the columns, as in formats.canonical.
    """
    source = io.StringIO("\n".join(text_lines(path)))
    header = next(csv.reader(source))
    delimiter = next((d for d in ",;\t" if d in ",".join(header)), ",")
    if delimiter != ",":
        header = ",".join(header).split(delimiter)
    columns = formats.canonical_columns([name.strip() for name in header], names)
    reader = csv.reader(source, delimiter=delimiter)
    for values in reader:
        if len(values) == len(columns):
            yield reader.line_num + 1, dict(zip(columns, values, strict=True))
        elif values:
            yield reader.line_num + 1, {}


def parquet_rows(path: str, names: formats.ColumnNames) -> Iterator[Row]:
    """Yields the rows of a Parquet file, as `csv_rows` does; lists are joined with "|"."""
    table = parquet.read_table(path)
    columns = formats.canonical_columns(table.column_names, names)
    values_by_column = [column.to_pylist() for column in table.columns]
    for number, values in enumerate(zip(*values_by_column, strict=True), 1):
        yield number, dict(zip(columns, map(_plain, values), strict=True))


def _plain(value: object) -> str:
    if value is None or value != value:  # NaN differs from itself
        return ""
    if isinstance(value, (list, tuple)):
        return "|".join(map(str, value))
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def table_rows(path: str, key: str, names: formats.ColumnNames) -> Iterator[Row]:
    """Yields the rows of a CSV or Parquet file that has a column for `key`, or one called "id".

    Raises:
        DataError: If the file has no such column.
    """
    rows = parquet_rows if path.endswith(".parquet") else csv_rows
    for number, values in rows(path, names):
        name = key if key in values else "id"
        if values and name not in values:
            raise DataError(
                f"{path}: no column for the {key} in {', '.join(values)}; accepted: "
                f"id, {key}, {key}Id, {key}_id"
            )
        yield number, {**values, key: values[name]} if values else {}

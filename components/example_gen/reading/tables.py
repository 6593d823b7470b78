"""Reads the small files of a data set (movies, users) into rows of text."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from components.errors import DataError
from components.example_gen.reading import files, formats, text

Row = tuple[int, dict[str, str]]


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


def delimited_rows(path: str, delimiter: str, columns: tuple[str, ...]) -> Iterator[Row | int]:
    """Yields (line number from 1, values by column) of a file without header.

    A line with another number of values than columns yields its number alone.
    """
    for number, line in enumerate(text_lines(path), 1):
        values = line.split(delimiter)
        if line and len(values) == len(columns):
            yield number, dict(zip(columns, values, strict=True))
        elif line.strip():
            yield number


def csv_rows(path: str) -> Iterator[Row | int]:
    """Yields the rows of a CSV file with a header, as `delimited_rows` does.

    Columns are named as in formats.NAMES; a column called just "id" is the key.
    """
    source = io.StringIO("\n".join(text_lines(path)))
    header = next(csv.reader(source))
    delimiter = next((d for d in ",;\t" if d in ",".join(header)), ",")
    if delimiter != ",":
        header = ",".join(header).split(delimiter)
    columns = formats.canonical_columns([name.strip() for name in header])
    reader = csv.reader(source, delimiter=delimiter)
    for values in reader:
        if len(values) == len(columns):
            yield reader.line_num + 1, dict(zip(columns, values, strict=True))
        elif values:
            yield reader.line_num + 1


def parquet_rows(path: str) -> Iterator[Row | int]:
    """Yields the rows of a Parquet file, as `csv_rows` does; lists are joined with "|"."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    with files.open_binary(path) as file:
        try:
            table = pq.read_table(file)
        except (pa.ArrowInvalid, OSError) as error:
            raise DataError(f"{path}: no readable Parquet file ({error})") from error
    columns = formats.canonical_columns(table.column_names)
    values_by_column = [column.to_pylist() for column in table.columns]
    for number, values in enumerate(zip(*values_by_column, strict=True), 1):
        yield number, {name: _plain(value) for name, value in zip(columns, values, strict=True)}


def _plain(value: object) -> str:
    if value is None or value != value:  # NaN differs from itself
        return ""
    if isinstance(value, (list, tuple)):
        return "|".join(map(str, value))
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def table_rows(path: str, key: str) -> Iterator[Row | int]:
    """Yields the rows of a CSV or Parquet file that has a column for `key` or "id".

    Raises:
        DataError: If the file has no such column.
    """
    rows = parquet_rows(path) if path.endswith(".parquet") else csv_rows(path)
    for row in rows:
        if isinstance(row, int):
            yield row
            continue
        number, values = row
        name = key if key in values else "id"
        if name not in values:
            raise DataError(
                f"{path}: no column for the {key} in {', '.join(values)}; accepted: "
                f"id, {key}, {key}Id, {key}_id"
            )
        yield number, {**values, key: values[name]}

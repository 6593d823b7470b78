"""Parquet files of ratings: which columns they have and how they divide into row groups."""

from __future__ import annotations

from typing import TYPE_CHECKING

from components.errors import DataError
from components.example_gen.reading import files, formats

if TYPE_CHECKING:  # pyarrow is loaded only where there is a Parquet file
    import pyarrow as pa
    import pyarrow.parquet as pq


def open_parquet(path: str) -> pq.ParquetFile:
    """Opens a Parquet file; one on another file system is read whole.

    Raises:
        DataError: If it is no Parquet file, or a damaged one.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    source = pa.BufferReader(files.read_bytes(path)) if files.is_remote(path) else path
    try:
        return pq.ParquetFile(source)
    except (pa.ArrowInvalid, OSError) as error:
        raise DataError(f"{path}: no readable Parquet file ({error})") from error


def read_table(path: str) -> pa.Table:
    """Reads a whole Parquet file.

    Raises:
        DataError: If it is no Parquet file, or a damaged one.
    """
    import pyarrow as pa

    try:
        return open_parquet(path).read()
    except (pa.ArrowInvalid, OSError) as error:
        raise DataError(f"{path}: no readable Parquet file ({error})") from error


def rating_columns(path: str) -> list[str]:
    """Returns the names of the file's columns for formats.RATING_COLUMNS, in that order.

    Raises:
        DataError: If one is missing or the file has no rows.
    """
    file = open_parquet(path)
    names = list(file.schema_arrow.names)
    columns = formats.canonical_columns(names)
    formats.require_rating_columns(columns, names, path)
    if not file.metadata.num_rows:
        raise DataError(f"{path}: the file has no rows; accepted are {formats.RATING_HEADERS}")
    name_of = dict(zip(columns, names, strict=True))
    return [name_of[name] for name in formats.RATING_COLUMNS]


def row_groups(path: str, block_bytes: int) -> list[tuple[int, int]]:
    """Divides the row groups into ranges of at least `block_bytes` uncompressed: [start, stop)."""
    metadata = open_parquet(path).metadata
    ranges: list[tuple[int, int]] = []
    start, size = 0, 0
    for group in range(metadata.num_row_groups):
        size += metadata.row_group(group).total_byte_size
        if size >= block_bytes or group == metadata.num_row_groups - 1:
            ranges.append((start, group + 1))
            start, size = group + 1, 0
    return ranges


def row_count(path: str, start: int, stop: int) -> int:
    """Returns the number of rows in the row groups start:stop."""
    metadata = open_parquet(path).metadata
    return sum(metadata.row_group(group).num_rows for group in range(start, stop))


def read_ratings(path: str, start: int, stop: int) -> pa.Table:
    """Reads the row groups start:stop; the columns are formats.RATING_COLUMNS, of any type."""
    columns = rating_columns(path)
    table = open_parquet(path).read_row_groups(list(range(start, stop)), columns=columns)
    return table.select(columns).rename_columns(list(formats.RATING_COLUMNS))

"""Parquet files: their columns, and how they divide into row groups."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from components.errors import DataError, shown
from components.example_gen.formats import files

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

    try:
        source = pa.BufferReader(files.read_bytes(path)) if files.is_remote(path) else path
        return pq.ParquetFile(source)
    except (pa.ArrowException, OSError) as error:
        why = shown(str(error), 80, quote=False)
        raise DataError(f"{path}: no readable Parquet file ({why})") from error


def read_columns(path: str, positions: list[int]) -> pa.Table:
    """Reads columns of a whole Parquet file, in the order of `positions`.

    Raises:
        DataError: If it is no Parquet file, or a damaged one.
    """
    import pyarrow as pa

    file = open_parquet(path)
    names = [file.schema_arrow.names[position] for position in positions]
    try:
        return file.read(columns=names).select(names)
    except (pa.ArrowException, OSError) as error:
        why = shown(str(error), 80, quote=False)
        raise DataError(f"{path}: no readable Parquet file ({why})") from error


def sample(path: str, rows: int) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """Returns the names of the columns, and the first rows as text [rows][columns].

    Raises:
        DataError: If it is no Parquet file, a damaged one, or one with two columns of one name.
    """
    import pyarrow as pa

    file = open_parquet(path)
    names = tuple(file.schema_arrow.names)
    if len(set(names)) < len(names):
        raise DataError(f"{path}: several columns have one name; accepted are different names")
    if not file.metadata.num_rows:
        raise DataError(f"{path}: the file has no rows; accepted are user, item, rating, timestamp")
    try:
        batch = next(file.iter_batches(batch_size=rows, row_groups=[_first_group(file)]))
    except (pa.ArrowException, OSError, StopIteration):
        return names, ()  # damaged row groups are counted when they are read
    columns = [[_as_text(value) for value in column.to_pylist()] for column in batch.columns]
    return names, tuple(zip(*columns, strict=True))


def _first_group(file: pq.ParquetFile) -> int:
    """Returns the first row group that has rows."""
    metadata = file.metadata
    sizes = [metadata.row_group(group).num_rows for group in range(metadata.num_row_groups)]
    return next(group for group, size in enumerate(sizes) if size)


def _as_text(value: Any) -> str:
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return "" if value is None else str(value)


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


def read_groups(path: str, start: int, stop: int, names: list[str]) -> pa.Table:
    """Reads columns of the row groups start:stop, of any type."""
    file = open_parquet(path)
    return file.read_row_groups(list(range(start, stop)), columns=names).select(names)

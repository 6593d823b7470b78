"""Converts timestamps of any type to seconds since 1970."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from components.example_gen.reading.columns import Column, plain, to_ids

_NUMBER = r"^-?\d{1,19}(\.\d*)?$"
# Times are from 1970 up to the year 2100; a number beyond it is in a smaller unit than seconds.
END = 4_102_444_800
_UNITS = ((1e11, 1), (1e14, 1_000), (1e17, 1_000_000), (np.inf, 1_000_000_000))
_DATE = r"^\d{4}-\d{2}-\d{2}"


def to_seconds(column: Column, time_format: str = "") -> tuple[np.ndarray, np.ndarray]:
    """Converts times to whole seconds since 1970-01-01 UTC.

    Args:
        column: [n] numbers, Arrow timestamps or dates, or text: numbers or ISO 8601 (without an
            offset: UTC). Numbers are seconds, milliseconds, microseconds or nanoseconds, by their
            size: a time before 2100 is below 1e11 in seconds, and above it in the others.
        time_format: How text and whole numbers are written instead, as strptime reads it.

    Returns:
        int64 [n], and bool [n]: which of them are times from 1970 up to 2100.
    """
    column = plain(column)
    if time_format and not pa.types.is_temporal(column.type):
        seconds, good = _from_format(column, time_format)
    else:
        seconds, good = _convert(column)
    good = good & (seconds >= 0) & (seconds < END)
    return np.where(good, seconds, 0), good


def _convert(column: Column) -> tuple[np.ndarray, np.ndarray]:
    if pa.types.is_integer(column.type) and not column.null_count:
        values = np.asarray(column).astype(np.int64)
        return values // _unit(values), np.ones(len(values), bool)
    if pa.types.is_temporal(column.type):
        return _from_temporal(column)
    if pa.types.is_string(column.type):
        return _from_text(column)
    return _from_floats(np.asarray(pc.cast(column, pa.float64(), safe=False)))


def _unit(values: np.ndarray) -> np.ndarray | int:
    """Returns how many units of each number are a second."""
    sizes = np.abs(values)
    if not len(sizes) or sizes.max() < _UNITS[0][0]:
        return 1
    return np.select([sizes < bound for bound, _ in _UNITS], [unit for _, unit in _UNITS])


def _from_floats(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    good = np.isfinite(values) & (np.abs(values) < 1e19)
    finite = np.where(good, values, 0)
    return np.floor(finite / _unit(finite)).astype(np.int64), good


def _from_temporal(column: Column) -> tuple[np.ndarray, np.ndarray]:
    if not pa.types.is_timestamp(column.type):
        column = pc.cast(column, pa.timestamp("s"))
    seconds = pc.cast(column, pa.timestamp("s", column.type.tz), safe=False)
    good = np.asarray(pc.is_valid(column))
    return np.asarray(pc.fill_null(pc.cast(seconds, pa.int64()), 0)), good


def _from_text(column: Column) -> tuple[np.ndarray, np.ndarray]:
    column = pc.utf8_trim_whitespace(pc.fill_null(column, ""))
    numeric = pc.match_substring_regex(column, _NUMBER)
    numbers = pc.cast(pc.if_else(numeric, column, "nan"), pa.float64())
    seconds, good = _from_floats(np.asarray(numbers))
    dated = np.asarray(pc.match_substring_regex(column, _DATE))
    if dated.any():
        texts = np.asarray(column, object)[dated]
        seconds[dated], good[dated] = _from_iso(texts)
    return seconds, good


def _from_format(column: Column, time_format: str) -> tuple[np.ndarray, np.ndarray]:
    """Parses each distinct text once."""
    import pandas as pd

    encoded = _one_chunk(pc.fill_null(to_ids(column), "")).dictionary_encode()
    texts = pd.Series(encoded.dictionary.to_pylist(), dtype=object)
    parsed = pd.to_datetime(texts, format=time_format, errors="coerce", utc=True)
    seconds, good = _from_pandas(parsed)
    codes = encoded.indices.to_numpy()
    return seconds[codes], good[codes]


def _one_chunk(column: Column) -> pa.Array:
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column


def _from_iso(texts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    import pandas as pd

    options = {"format": "ISO8601"} if int(pd.__version__.split(".")[0]) >= 2 else {}
    return _from_pandas(pd.to_datetime(pd.Series(texts), errors="coerce", utc=True, **options))


def _from_pandas(parsed: Any) -> tuple[np.ndarray, np.ndarray]:
    nanoseconds = parsed.to_numpy(dtype="datetime64[ns]").astype(np.int64)
    good = parsed.notna().to_numpy()
    return np.where(good, nanoseconds // 10**9, 0), good

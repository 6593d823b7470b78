"""Converts timestamps of any type to seconds since 1970."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from components.example_gen.reading.columns import Column, plain

_SECONDS = r"^-?\d{1,15}(\.\d*)?$"
_DATE = r"^\d{4}-\d{2}-\d{2}"


def to_seconds(column: Column) -> tuple[np.ndarray, np.ndarray]:
    """Converts times to whole seconds since 1970-01-01 UTC.

    Args:
        column: [n] numbers (seconds), Arrow timestamps or dates, or text: seconds or ISO 8601
            (without an offset: UTC).

    Returns:
        int64 [n], and bool [n]: which of them are times.
    """
    column = plain(column)
    if pa.types.is_integer(column.type) and not column.null_count:
        values = np.asarray(column).astype(np.int64)
        return values, np.ones(len(values), bool)
    if pa.types.is_temporal(column.type):
        return _from_temporal(column)
    if pa.types.is_string(column.type):
        return _from_text(column)
    return _from_floats(np.asarray(pc.cast(column, pa.float64())))


def _from_floats(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    good = np.isfinite(values) & (np.abs(values) < 1e15)
    return np.where(good, np.floor(np.where(good, values, 0)), 0).astype(np.int64), good


def _from_temporal(column: Column) -> tuple[np.ndarray, np.ndarray]:
    if not pa.types.is_timestamp(column.type):
        column = pc.cast(column, pa.timestamp("s"))
    seconds = pc.cast(column, pa.timestamp("s", column.type.tz), safe=False)
    good = np.asarray(pc.is_valid(column))
    return np.asarray(pc.fill_null(pc.cast(seconds, pa.int64()), 0)), good


def _from_text(column: Column) -> tuple[np.ndarray, np.ndarray]:
    column = pc.utf8_trim_whitespace(pc.fill_null(column, ""))
    numeric = pc.match_substring_regex(column, _SECONDS)
    numbers = pc.cast(pc.if_else(numeric, column, "nan"), pa.float64())
    seconds, good = _from_floats(np.asarray(numbers))
    dated = np.asarray(pc.match_substring_regex(column, _DATE))
    if dated.any():
        texts = np.asarray(column, object)[dated]
        seconds[dated], good[dated] = _from_iso(texts)
    return seconds, good


def _from_iso(texts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    import pandas as pd

    options = {"format": "ISO8601"} if int(pd.__version__.split(".")[0]) >= 2 else {}
    parsed = pd.to_datetime(pd.Series(texts), errors="coerce", utc=True, **options)
    nanoseconds = parsed.to_numpy(dtype="datetime64[ns]").astype(np.int64)
    good = parsed.notna().to_numpy()
    return np.where(good, nanoseconds // 10**9, 0), good

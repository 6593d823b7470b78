"""Converts Arrow columns of any type to ids and numbers."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from components.example_gen.reading import text

Column: TypeAlias = pa.Array | pa.ChunkedArray
_NUMBER = r"^-?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?$"


def plain(column: Column) -> Column:
    """Decodes dictionary-encoded columns and casts every type of text and bytes to pa.string()."""
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if pa.types.is_binary(column.type) or pa.types.is_large_binary(column.type):
        values = (None if value is None else text.decode(value) for value in column.to_pylist())
        return pa.array(values, pa.string())
    return column.cast(pa.string()) if pa.types.is_large_string(column.type) else column


def to_numbers(column: Column) -> np.ndarray:
    """Converts a column to float64 [n]; what is no number becomes NaN."""
    column = plain(column)
    if pa.types.is_string(column.type):
        column = pc.utf8_trim_whitespace(column)
        good = pc.match_substring_regex(column, _NUMBER)
        column = pc.if_else(good, column, "nan")
    return np.asarray(pc.fill_null(pc.cast(column, pa.float64()), np.nan))


def to_ids(column: Column) -> Column:
    """Converts a column of ids to text without outer spaces; nulls become empty.

    Whole numbers held as floats (as pandas does in a column with gaps) lose their ".0".
    """
    column = plain(column)
    if pa.types.is_floating(column.type):
        whole = pc.all(pc.equal(pc.floor(column), column)).as_py()
        column = pc.cast(column, pa.int64()) if whole else column
    if not pa.types.is_string(column.type):
        column = pc.cast(column, pa.string())
    return pc.utf8_trim_whitespace(pc.fill_null(column, ""))

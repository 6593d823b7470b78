"""Converts Arrow columns of any type to ids and numbers."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from components.example_gen.formats import text

Column: TypeAlias = pa.Array | pa.ChunkedArray
_NUMBER = r"^[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?$"
# A whole number with a fraction of zeros; its group is the id.
WHOLE_FRACTION = r"^(-?\d+)\.0+$"
_EXACT = float(1 << 53)  # larger floats are not exact, so they are no ids that can be shortened
_YES, _NO = pa.array(["true", "yes", "like", "liked"]), pa.array(["false", "no", "dislike"])


def plain(column: Column) -> Column:
    """Decodes dictionary-encoded columns and casts every type of text and bytes to pa.string()."""
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if pa.types.is_binary(column.type) or pa.types.is_large_binary(column.type):
        values = (None if value is None else text.decode(value) for value in column.to_pylist())
        return pa.array(values, pa.string())
    return column.cast(pa.string()) if pa.types.is_large_string(column.type) else column


def to_numbers(column: Column, decimal: str = ".") -> np.ndarray:
    """Converts a column to float64 [n]; what is no number becomes NaN, true 1 and false 0.

    Args:
        column: Of any type.
        decimal: The decimal sign of numbers in text.
    """
    column = plain(column)
    if pa.types.is_boolean(column.type):
        column = pc.cast(column, pa.int8())
    if pa.types.is_string(column.type):
        column = _number_texts(pc.utf8_trim_whitespace(column), decimal)
    return np.asarray(pc.fill_null(pc.cast(column, pa.float64()), np.nan))


def _number_texts(column: Column, decimal: str) -> Column:
    if decimal != ".":
        column = pc.replace_substring(column, decimal, ".")
    good = pc.match_substring_regex(column, _NUMBER)
    if not pc.all(good).as_py():
        words = pc.utf8_lower(column)
        column = pc.if_else(pc.is_in(words, value_set=_YES), "1", column)
        column = pc.if_else(pc.is_in(words, value_set=_NO), "0", column)
        good = pc.match_substring_regex(column, _NUMBER)
    return pc.if_else(good, column, "nan")


def to_ids(column: Column) -> Column:
    """Converts a column of ids to text without outer spaces; nulls become empty.

    Whole numbers lose a fraction of zeros, whether they are text or floats: pandas writes ids so
    from a column with gaps. The rule looks at one value at a time, so that an id is the same in
    every block and every file.
    """
    column = plain(column)
    if pa.types.is_decimal(column.type):
        column = pc.cast(column, pa.float64())
    if pa.types.is_floating(column.type):
        column = _float_ids(column)
    elif not pa.types.is_string(column.type):
        column = pc.cast(column, pa.string())
    column = pc.utf8_trim_whitespace(pc.fill_null(column, ""))
    if pc.any(pc.ends_with(column, ".0")).as_py():
        column = pc.replace_substring_regex(column, WHOLE_FRACTION, r"\1")
    return column


def _float_ids(column: Column) -> Column:
    whole = pc.and_(pc.equal(pc.floor(column), column), pc.less(pc.abs(column), _EXACT))
    whole = pc.fill_null(whole, False)
    integers = pc.cast(pc.if_else(whole, column, 0.0), pa.int64())
    missing = pc.is_nan(column)
    texts = pc.if_else(whole, pc.cast(integers, pa.string()), pc.cast(column, pa.string()))
    return pc.if_else(missing, None, texts)

"""Which way times are written, told from the first values of a column."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime

from components.errors import DataError, shown

# What the setting says for whole numbers such as 19980402 and 1998.
COMPACT_DATE, YEAR = "%Y%m%d", "%Y"
_NUMBER = re.compile(r"-?\d+(\.\d*)?([eE][-+]?\d+)?$")
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}")
_DAYS = (
    "%d/%m/%Y",
    "%m/%d/%Y",
    "%Y/%m/%d",
    "%d.%m.%Y",
    "%d-%m-%Y",
    "%m-%d-%Y",
    "%d/%m/%y",
    "%m/%d/%y",
)
_NAMED = ("%b %d, %Y", "%B %d, %Y", "%d %b %Y", "%d %B %Y", "%m %d, %Y", "%d-%b-%Y", "%d-%b-%y")
_CLOCKS = ("", " %H:%M", " %H:%M:%S", " %I:%M %p", " %I:%M:%S %p", "T%H:%M:%S")
_WHOLE = ("%a %b %d %H:%M:%S %Y", "%a %b %d %H:%M:%S %z %Y", "%a, %d %b %Y %H:%M:%S %z")
FORMATS = (*(day + clock for day in (*_DAYS, *_NAMED) for clock in _CLOCKS), *_WHOLE)


def _reads(value: str, format_: str) -> bool:
    try:
        return 1970 <= datetime.strptime(value, format_).year < 2100
    except ValueError:
        return False


def _reads_most(values: Sequence[str], format_: str) -> bool:
    return sum(_reads(value, format_) for value in values) > 0.9 * len(values)


def _of_numbers(values: Sequence[str]) -> str:
    """Returns the format of whole numbers that are dates or years; "" for numbers since 1970."""
    plain = [value.split(".")[0] for value in values]
    if all(len(value) == 8 for value in plain) and _reads_most(plain, COMPACT_DATE):
        return COMPACT_DATE
    if all(len(value) == 4 and 1970 <= int(value) < 2100 for value in plain):
        return YEAR
    return ""


def detect(values: Iterable[str], path: str, column: str) -> str:
    """Returns the strptime format of times; "" for numbers since 1970 and ISO 8601.

    Args:
        values: The first values of the column.
        path: The file, for messages.
        column: The column's name, for messages.

    Raises:
        DataError: If several formats or none read them, with the setting that decides.
    """
    given = [value.strip() for value in values if value and value.strip()]
    numbers = [value for value in given if _NUMBER.match(value)]
    if len(numbers) > len(given) / 2:
        return _of_numbers(numbers)
    if not given or sum(bool(_ISO.match(value)) for value in given) > len(given) / 2:
        return ""
    fitting = [format_ for format_ in FORMATS if _reads_most(given, format_)]
    if len(fitting) == 1:
        return fitting[0]
    example = shown(given[0], 40)
    if not fitting:
        raise DataError(
            f"{path}: times such as {example} in column {column!r} are not understood; accepted: "
            "numbers since 1970, ISO 8601, or their form as --set 'data.time_format=%d/%m/%Y "
            "%H:%M'; without times: --set 'data.columns={timestamp: null}'"
        )
    raise DataError(
        f"{path}: times such as {example} in column {column!r} can be read as "
        f"{' or '.join(fitting)}; name one: --set 'data.time_format={fitting[0]}'"
    )

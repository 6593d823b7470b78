"""How figures and names are written for people."""

from __future__ import annotations

import datetime
from collections.abc import Mapping

DASH = "–"
SLICE_FEATURES = {"activity": "ratings of the user", "gender": "gender", "age": "age"}


def count(number: float | None) -> str:
    """Returns 1000209 as 1,000,209."""
    return DASH if number is None else f"{number:,.0f}"


def percent(share: float | None, digits: int = 1) -> str:
    """Returns .4604 as 46.0 %."""
    return DASH if share is None else f"{100 * share:.{digits}f} %"


def figure(value: float | None) -> str:
    """Returns a measured value with four digits."""
    return DASH if value is None else f"{value:.4f}"


def seconds(value: float | None) -> str:
    """Returns 12.34 as 12.3 s."""
    return DASH if value is None else f"{value:,.1f} s"


def size(number: float) -> str:
    """Returns bytes in the unit that suits."""
    for unit in ("B", "kB", "MB"):
        if number < 1000:
            return f"{number:.0f} {unit}" if unit == "B" else f"{number:.1f} {unit}"
        number /= 1000
    return f"{number:.1f} GB"


def day(timestamp: float) -> str:
    """Returns a Unix time in seconds as a date, or as a number where it is no date."""
    try:
        return datetime.datetime.fromtimestamp(timestamp, datetime.timezone.utc).date().isoformat()
    except (OverflowError, OSError, ValueError):
        return str(timestamp)


def interval(metrics: Mapping[str, float], name: str) -> str:
    """Returns the confidence interval of a metric, or a dash."""
    lower, upper = metrics.get(f"{name}_ci_lower"), metrics.get(f"{name}_ci_upper")
    if lower is None or upper is None:
        return DASH
    return f"{lower:.4f} to {upper:.4f}"


def plain(identifier: str) -> str:
    """Returns name_of_something as name of something."""
    return identifier.replace("_", " ")

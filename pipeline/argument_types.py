"""Types of command-line arguments: durations such as 30d, and numbers in a range."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable

_SECONDS = {"m": 60.0, "h": 3600.0, "d": 86400.0, "w": 7 * 86400.0}


def parse_duration(text: str) -> float:
    """Returns the seconds that a text such as 30d stands for.

    Raises:
        argparse.ArgumentTypeError: It is no duration.
    """
    match = re.fullmatch(r"(\d+(?:\.\d+)?)([mhdw])", text.strip(), re.ASCII)
    if match is None:
        raise argparse.ArgumentTypeError(
            f"{text!r} is no age; accepted: a number with m, h, d or w, as in 30d"
        )
    return float(match[1]) * _SECONDS[match[2]]


def whole_number(least: int, most: int) -> Callable[[str], int]:
    """Returns a type that accepts the whole numbers from `least` to `most`."""

    def parse(text: str) -> int:
        if not (text.isascii() and text.isdigit() and least <= int(text) <= most):
            raise argparse.ArgumentTypeError(f"{text!r} is not a number from {least} to {most}")
        return int(text)

    return parse

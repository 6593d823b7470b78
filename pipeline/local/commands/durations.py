"""Durations as people write them: 30d, 12h, 2w."""

from __future__ import annotations

import argparse
import re

_SECONDS = {"m": 60.0, "h": 3600.0, "d": 86400.0, "w": 7 * 86400.0}


def parse_duration(text: str) -> float:
    """Returns the seconds that a text such as 30d stands for; a type for argparse.

    Raises:
        argparse.ArgumentTypeError: It is no duration.
    """
    match = re.fullmatch(r"(\d+(?:\.\d+)?)([mhdw])", text.strip())
    if match is None:
        raise argparse.ArgumentTypeError(
            f"{text!r} is no age; accepted: a number with m, h, d or w, as in 30d"
        )
    return float(match[1]) * _SECONDS[match[2]]

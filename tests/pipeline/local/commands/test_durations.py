"""Ages on the command line."""

from __future__ import annotations

import argparse

import pytest

from pipeline.local.commands.durations import parse_duration


@pytest.mark.parametrize(
    ("text", "seconds"), [("30d", 30 * 86400), ("12h", 43200), ("2w", 1209600), ("1.5m", 90)]
)
def test_age(text: str, seconds: float) -> None:
    assert parse_duration(text) == seconds


@pytest.mark.parametrize("text", ["", "30", "d", "-1d", "1 year"])
def test_age_refuses(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="as in 30d"):
        parse_duration(text)

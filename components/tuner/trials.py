"""Trials as the report and the terminal show them."""

from __future__ import annotations

from typing import Any

TRIALS_FILE = "trials.json"


def ranked(document: dict[str, Any]) -> list[dict[str, Any]]:
    """Returns the trials of trials.json, best first, those that failed last."""
    return sorted(document["trials"], key=lambda trial: -(trial["score"] or 0.0))


def short(value: object) -> str:
    """Returns the value of a setting, a number with four digits."""
    return f"{value:.4g}" if isinstance(value, float) else str(value)

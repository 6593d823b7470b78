"""Several runs of each contender as one row: medians, and ratios to ours."""

from __future__ import annotations

from statistics import median
from typing import Any

from benchmarks.contenders import CONTENDERS
from benchmarks.protocols import PROTOCOLS

FIGURES = tuple(dict.fromkeys(name for kind in PROTOCOLS.values() for name in kind.figures))
COSTS = ("fit_seconds", "evaluation_seconds", "peak_bytes")
OURS = "ours"


def summarise(runs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Returns a row for each contender, in the order of CONTENDERS.

    Args:
        runs: What `benchmarks.contend` printed, several of each contender.

    Returns:
        For each: `contender`, `title`, `runs`, the medians of FIGURES and COSTS (None where there
        are none), `spread`, the least and the greatest of each of FIGURES whose runs differ,
        `notes` of the last run, and `ratios`, the median by that of ours.
    """
    rows = [_row(name, runs) for name in CONTENDERS if any(r["contender"] == name for r in runs)]
    ours = next((row for row in rows if row["contender"] == OURS), None)
    for row in rows:
        row["ratios"] = _ratios(row, ours) if ours else {}
    return rows


def _row(name: str, runs: list[dict[str, Any]]) -> dict[str, Any]:
    own = [run for run in runs if run["contender"] == name]
    row: dict[str, Any] = {"contender": name, "title": CONTENDERS[name][1], "runs": len(own)}
    row["spread"] = {}
    for figure in FIGURES:
        values = _known([(run["figures"] or {}).get(figure) for run in own])
        row[figure] = _median(values)
        if len(set(values)) > 1:
            row["spread"][figure] = (min(values), max(values))
    for cost in COSTS:
        row[cost] = _median(_known([run[cost] for run in own]))
    row["notes"] = own[-1]["notes"]
    return row


def _known(values: list[float | None]) -> list[float]:
    return [value for value in values if value is not None]


def _median(values: list[float]) -> float | None:
    return median(values) if values else None


def _ratios(row: dict[str, Any], ours: dict[str, Any]) -> dict[str, float]:
    return {
        name: row[name] / ours[name]
        for name in (*FIGURES, *COSTS)
        if row[name] is not None and ours[name]
    }

"""Trials: what the Tuner tried before the training, and what came of it."""

from __future__ import annotations

from itertools import accumulate
from typing import Any

from components.report.page import charts, formatting
from components.report.page.blocks import Block, Figure, Figures, Note, Table
from components.tuner.trials import ranked, short


def trials(search: dict[str, Any] | None) -> list[Block]:
    """Returns the search as a curve and a table, best first; nothing where there was none.

    Args:
        search: Content of the Tuner's trials.json.
    """
    if not search:
        return []
    scored = [trial for trial in search["trials"] if trial["score"] is not None]
    blocks: list[Block] = [Figures((search_chart(scored, search["objective"]),))]
    blocks.append(trials_table(search))
    failed = len(search["trials"]) - len(scored)
    if failed:
        blocks.append(Note(f"Trials that failed: {failed}.", warning=True))
    return blocks


def search_chart(scored: list[dict[str, Any]], objective: str) -> Figure:
    """Returns the score of each trial in turn, and the best up to it."""
    numbers = [trial["number"] for trial in scored]
    scores = [100 * trial["score"] for trial in scored]
    best = list(accumulate(scores, max))
    lines = [("best so far", numbers, best), ("trial", numbers, scores)]
    svg = charts.line_chart("trials", lines, "trial", "% of validation ratings")
    alt = f"{formatting.plain(objective)} by trial: from {scores[0]:.2f} to {best[-1]:.2f} %"
    return Figure(svg, f"Trials of the Tuner, {formatting.plain(objective)}", alt)


def trials_table(search: dict[str, Any]) -> Table:
    """Returns the trials with the settings that they had."""
    names = list(search["trials"][0]["values"])
    rows = tuple(_row(trial, names, search["best"]) for trial in ranked(search))
    header = ("trial", formatting.plain(search["objective"]), *map(formatting.plain, names), "time")
    note = "Measured on a validation part of train. Trial 1 has the settings as configured."
    return Table("Trials of the Tuner, best first", header, rows, note=note)


def _row(trial: dict[str, Any], names: list[str], best: int) -> tuple[str, ...]:
    number = f"{trial['number']}, the best" if trial["number"] == best else str(trial["number"])
    score = "failed" if trial["score"] is None else formatting.figure(trial["score"])
    values = (short(trial["values"][name]) for name in names)
    return (number, score, *values, formatting.seconds(trial["seconds"]))

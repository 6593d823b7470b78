"""The trials of a search, as a person reads them."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.table import Table

from components.tuner.trials import ranked, short
from pipeline.terminal import plain_text


def print_trials(console: Console, document: dict[str, Any]) -> None:
    """Prints the trials, best first.

    Args:
        console: Where to print.
        document: Content of trials.json.
    """
    trials = ranked(document)
    names = list(trials[0]["values"])
    table = Table(
        title=f"Trials, by {document['objective']} on a part of train",
        title_justify="left",
        box=None,
    )
    for name in ("", document["objective"].replace("_accuracy", ""), *names, "s"):
        table.add_column(name.replace("_", " "), justify="right")
    for trial in trials:
        style = "bold green" if trial["number"] == document["best"] else ""
        score = "failed" if trial["score"] is None else f"{trial['score']:.4f}"
        values = [short(trial["values"][name]) for name in names]
        cells = [str(trial["number"]), score, *values, f"{trial['seconds']:.0f}"]
        table.add_row(*(plain_text(cell, style) for cell in cells))
    console.print(table)
    console.print("Trial 1 has the settings as configured.", style="dim")

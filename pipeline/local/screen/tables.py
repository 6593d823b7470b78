"""What a person reads at the end of a run."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from components.contracts.metric_names import MODEL_LISTS, POPULARITY, TOP_K, accuracy
from components.tuner.trials import ranked, short
from pipeline.endings import EXIT_OTHER
from pipeline.terminal import plain_text, print_line

if TYPE_CHECKING:
    from pipeline.local.run.run_record import RunRecord
    from pipeline.local.run.samples import RecommendationSample

# What is measured beside accuracies: its title in the table → name of the metric.
_RANKED = {"NDCG@10": "ndcg_at_10", "MRR": "mrr"}


def print_result(console: Console, record: RunRecord) -> None:
    """Prints the metrics, the gates, and which model was pushed or why none was."""
    if dropped := record.data.get("dropped"):
        reasons = ", ".join(f"{count} {reason}" for reason, count in dropped.items())
        print_line(console, f"Rows dropped: {reasons}", "yellow")
    if record.metrics:
        console.print(metrics_table(record))
        console.print(gate_table(record))
    for warning in record.warnings:
        print_line(console, f"Warning: {warning}", "yellow")
    style = {"pushed": "bold green", "nothing_new": "green"}.get(record.status, "bold red")
    print_line(console, f"{record.status.replace('_', ' ')}: {record.reason}", style)
    if record.pushed:
        print_line(console, f"Model: {record.pushed['path']}")
    if record.report:
        print_line(console, f"Report: {record.report}")
    if record.exit_code == EXIT_OTHER and record.log:
        print_line(console, f"Log: {record.log}")
    print_line(console, f"{record.seconds:.1f} s", "dim")


def metrics_table(record: RunRecord) -> Table:
    """Builds the table of top-k accuracies: model, live model and popularity.

    The left half ranks the whole catalogue, the right half what the user has not seen.
    """
    model, live = record.metrics["model"], record.metrics.get("live")
    rankers = [("model", model, "")]
    if live:
        rankers.append(("live", live, ""))
    rankers.append(("popularity", model, POPULARITY))
    title = "Held-out ratings found in the user's top k, %"
    table = Table(title=title, title_justify="left", box=None)
    table.add_column("")
    for prefix in ("", "unseen "):
        for name, _, kind in rankers:
            style = "" if kind else "bold"
            table.add_column(f"{prefix}\n{name}", justify="right", style=style)
    shown = {**{f"top {k}": accuracy(k) for k in TOP_K}, **_RANKED}
    for title, name in shown.items():
        cells = [
            _percent(metrics, f"{prefix}{kind}{name}")
            for prefix in MODEL_LISTS
            for _, metrics, kind in rankers
        ]
        table.add_row(title, *cells)
    return table


def _percent(metrics: dict[str, float], name: str) -> str:
    return f"{100 * metrics[name]:.2f}" if name in metrics else "–"


def gate_table(record: RunRecord) -> Table:
    """Builds the table of gate decisions."""
    table = Table(title="Gate", title_justify="left", box=None)
    for name in ("", "value", "at least"):
        table.add_column(name, justify="left" if not name else "right")
    table.add_column("")
    for decision in record.gate:
        verdict = Text("passed", "green") if decision["passed"] else Text("REFUSED", "bold red")
        value = "–" if decision["value"] is None else f"{decision['value']:.4f}"
        table.add_row(decision["name"], value, f"{decision['threshold']:.4f}", verdict)
    return table


def print_sample(console: Console, sample: RecommendationSample) -> None:
    """Prints one user's best-rated movies beside the recommendations."""
    # Text, because ids and titles may look like markup.
    table = Table(title=plain_text(f"User {sample.user_id}"), title_justify="left", box=None)
    table.add_column("rated best")
    table.add_column("recommended (not seen yet)", style="cyan")
    rated = [f"{rating:g} ★ {title}" for title, rating in sample.rated_best]
    for row in itertools.zip_longest(rated, sample.recommended, fillvalue=""):
        table.add_row(*map(plain_text, row))
    console.print(table)


def print_trials(console: Console, document: dict[str, Any]) -> None:
    """Prints the trials of a trials.json, best first."""
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

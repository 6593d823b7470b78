"""What a person reads at the end of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from rich.text import Text

from components.contracts.metric_names import TOP_K
from pipeline.local.run.run_record import EXIT_OTHER, Outcome

if TYPE_CHECKING:
    from pipeline.local.run.samples import UserSample


def print_ending(console: Console, outcome: Outcome) -> None:
    """Prints the metrics, the gate and where the model went, or why it did not."""
    if outcome.data.get("dropped"):
        _print_dropped(console, outcome)
    if outcome.metrics:
        console.print(metrics_table(outcome))
        console.print(gate_table(outcome))
    for warning in outcome.warnings:
        console.print(
            f"Warning: {warning}", style="yellow", markup=False, highlight=False, soft_wrap=True
        )
    colour = {"pushed": "bold green", "nothing_new": "green"}.get(outcome.status, "bold red")
    console.print(
        Text(f"{outcome.status.replace('_', ' ')}: {outcome.reason}", colour), soft_wrap=True
    )
    if outcome.pushed:
        console.print(f"Model: {outcome.pushed['path']}", highlight=False, soft_wrap=True)
    if outcome.report:
        console.print(f"Report: {outcome.report}", highlight=False, soft_wrap=True)
    if outcome.exit_code == EXIT_OTHER and outcome.log:
        console.print(f"Log: {outcome.log}", highlight=False, soft_wrap=True)
    console.print(f"{outcome.seconds:.1f} s", style="dim", highlight=False)


def _print_dropped(console: Console, outcome: Outcome) -> None:
    reasons = ", ".join(f"{count} {reason}" for reason, count in outcome.data["dropped"].items())
    console.print(f"Rows dropped: {reasons}", style="yellow", highlight=False, soft_wrap=True)


def metrics_table(outcome: Outcome) -> Table:
    """Builds the table of top-k accuracies: model, live model and popularity.

    The left half ranks the whole catalogue, the right half what the user has not seen.
    """
    model, live = outcome.metrics["model"], outcome.metrics.get("live")
    rankers = [("model", model, "")]
    if live:
        rankers.append(("live", live, ""))
    rankers.append(("popularity", model, "popularity_"))
    title = "Held-out ratings found in the user's top k, %"
    table = Table(title=title, title_justify="left", box=None)
    table.add_column("")
    for prefix in ("", "unseen "):
        for name, _, kind in rankers:
            style = "" if kind else "bold"
            table.add_column(f"{prefix}\n{name}", justify="right", style=style)
    for k in TOP_K:
        cells = [
            _percent(metrics, f"{prefix}{kind}top_{k}_accuracy")
            for prefix in ("", "unseen_")
            for _, metrics, kind in rankers
        ]
        table.add_row(f"top {k}", *cells)
    return table


def _percent(metrics: dict[str, float], name: str) -> str:
    return f"{100 * metrics[name]:.2f}" if name in metrics else "–"


def gate_table(outcome: Outcome) -> Table:
    """Builds the table of gate decisions."""
    table = Table(title="Gate", title_justify="left", box=None)
    for name in ("", "value", "at least"):
        table.add_column(name, justify="left" if not name else "right")
    table.add_column("")
    for decision in outcome.gate:
        verdict = Text("passed", "green") if decision["passed"] else Text("REFUSED", "bold red")
        value = "–" if decision["value"] is None else f"{decision['value']:.4f}"
        table.add_row(decision["name"], value, f"{decision['threshold']:.4f}", verdict)
    return table


def print_samples(console: Console, sample: UserSample) -> None:
    """Prints one user's best-rated movies beside the recommendations."""
    table = Table(title=f"User {sample.user_id}", title_justify="left", box=None)
    table.add_column("rated best")
    table.add_column("recommended (not seen yet)", style="cyan")
    rated = [f"{rating:g} ★ {title}" for title, rating in sample.rated_best]
    for row in range(max(len(rated), len(sample.recommended))):
        table.add_row(
            rated[row] if row < len(rated) else "",
            sample.recommended[row] if row < len(sample.recommended) else "",
        )
    console.print(table)

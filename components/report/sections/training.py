"""Training: did it converge, and on what settings?"""

from __future__ import annotations

from typing import Any

from components.report.facts import Facts
from components.report.page import charts, formatting
from components.report.page.blocks import Block, Details, Figure, Figures, Note, Section, Table
from components.report.sections.trials import trials

SHOWN_KS = (10, 50, 100)


def training(facts: Facts) -> Section:
    """Returns the curves by epoch, what was tried before, and the settings."""
    intro = "Loss on train, and top-k accuracy on a validation part of train, by epoch."
    history = facts.history
    if history is None:
        note = Note(f"No history: {facts.problems.get('history', '')}", warning=True)
        return Section("training", "Training", intro, (note,))
    epochs = history.get("epochs", [])
    figures = [*loss_chart(epochs), *top_k_charts(epochs)]
    blocks: list[Block] = [Figures(tuple(figures))] if figures else []
    blocks += start(history.get("start", {}))
    if chosen := history.get("plan", {}).get("sentence"):
        blocks.append(Note(f"Settings {chosen}."))
    blocks += [Note(note, warning=True) for note in history.get("plan", {}).get("notes", ())]
    data = history.get("data", {})
    if data.get("validation_users"):
        blocks.append(
            Note(
                f"Validation: {formatting.count(data.get('validation_interactions'))} ratings of "
                f"{formatting.count(data['validation_users'])} users, held out of training."
            )
        )
    else:
        blocks.append(Note("No validation part: the curves show the loss only."))
    blocks += index(history.get("index", {}))
    blocks += trials(facts.trials)
    blocks.append(settings_table(history.get("config", {})))
    return Section("training", "Training", intro, tuple(blocks))


def start(summary: dict[str, Any]) -> list[Block]:
    """Returns the effect of a warm start, or why there was none; nothing without the setting."""
    if summary.get("kind") == "warm":
        new = formatting.count(summary["new_movies"])
        known = formatting.count(summary["movies"])
        text = f"Warm start: {known} movies from the live model, {new} new."
        return [Note(text)]
    return [Note(f"No warm start: {summary['why']}.")] if summary.get("why") else []


def index(facts: dict[str, Any]) -> list[Block]:
    """Returns how the served model finds movies; nothing of a history that does not tell."""
    if not facts:
        return []
    search = facts.get("search", {})
    if facts["kind"] == "exact":
        why = ""
        if search:
            why = f": partitions would have to read {formatting.percent(search['share'])} of it"
        return [Note(f"Index: exact, a query is compared with the whole catalogue{why}.")]
    similar = facts["similar"]
    return [
        Note(
            f"Index: approximate. A query looks into {formatting.count(search['probes'])} of "
            f"{formatting.count(search['partitions'])} partitions, "
            f"{formatting.percent(search['share'])} of the movies, and found "
            f"{formatting.percent(search['recall'])} of the exact lists of some train users; for "
            f"similar movies {formatting.percent(similar['share'])} and "
            f"{formatting.percent(similar['recall'])}."
        )
    ]


def loss_chart(epochs: list[dict[str, Any]]) -> list[Figure]:
    """Returns the loss by epoch; none where there is none."""
    points = [(epoch["epoch"], epoch["loss"]) for epoch in epochs if epoch.get("loss") is not None]
    if not points:
        return []
    xs, ys = [x for x, _ in points], [y for _, y in points]
    svg = charts.line_chart("loss", [("loss", xs, ys)], "epoch", "loss")
    alt = f"Loss by epoch: from {ys[0]:.3f} to {ys[-1]:.3f} in {xs[-1]:g} epochs"
    return [Figure(svg, "Loss", alt)]


def top_k_charts(epochs: list[dict[str, Any]]) -> list[Figure]:
    """Returns top-k accuracy on the validation part by epoch, unseen and all."""
    figures = []
    for kind, title in (("unseen_", "Top-k accuracy, unseen"), ("", "Top-k accuracy, all")):
        lines = []
        for k in SHOWN_KS:
            name = f"val_{kind}top_{k}_accuracy"
            points = [(e["epoch"], 100 * e[name]) for e in epochs if e.get(name) is not None]
            if points:
                lines.append((f"top {k}", [x for x, _ in points], [y for _, y in points]))
        if lines:
            svg = charts.line_chart(
                f"epochs-{kind or 'all'}".rstrip("_"), lines, "epoch", "% of validation ratings"
            )
            ends = ", ".join(f"{name} {ys[0]:.1f} to {ys[-1]:.1f} %" for name, _, ys in lines)
            figures.append(Figure(svg, title, f"{title} by epoch: {ends}"))
    return figures


def settings_table(config: dict[str, Any]) -> Block:
    """Returns the settings of the Trainer."""
    rows = tuple((formatting.plain(name), str(value)) for name, value in config.items())
    table = Table("Settings of the Trainer", ("setting", "value"), rows, frozenset({1}))
    return Details("Settings of the Trainer", (table,))

"""Quality: the model against the live model and against the most popular movies."""

from __future__ import annotations

from typing import NamedTuple

from components.report.facts import Facts
from components.report.page import charts, formatting
from components.report.page.blocks import Block, Figure, Figures, Note, Section, Table

WHAT = {
    "unseen_": "Unseen: train movies removed first, as served",
    "": "All: the raw list, seen movies included",
}


class Ranker(NamedTuple):
    """One whose lists were measured: its name, its metrics, and the prefix they stand under."""

    name: str
    metrics: dict[str, float]
    prefix: str

    def value(self, kind: str, metric: str) -> float | None:
        """Returns a metric; `kind` is «unseen_» or «»."""
        return self.metrics.get(f"{kind}{self.prefix}{metric}")


def quality(facts: Facts) -> Section:
    """Returns top-k accuracies as charts and table, and the other metrics."""
    intro = (
        "Share of the held-out ratings whose movie is among the first k of the user's list. "
        "Popularity recommends the most-rated movies to everyone."
    )
    if facts.verdict is None or not facts.verdict.metrics:
        reason = facts.problems.get("verdict", "no user has a held-out rating")
        note = Note(f"Nothing was measured: {reason}", warning=True)
        return Section("quality", "Quality", intro, (note,))
    rankers = rankers_of(facts)
    blocks: list[Block] = [
        Figures(tuple(top_k_chart(rankers, kind) for kind in WHAT)),
        *(top_k_table(rankers, kind) for kind in WHAT),
        other_metrics(rankers),
    ]
    return Section("quality", "Quality", intro, tuple(blocks))


def rankers_of(facts: Facts) -> list[Ranker]:
    """Returns the model, the live model where there is one, and popularity."""
    assert facts.verdict is not None
    found = [Ranker("model", facts.verdict.metrics, "")]
    if facts.verdict.live:
        found.append(Ranker("live model", facts.verdict.live, ""))
    return [*found, Ranker("popularity", facts.verdict.metrics, "popularity_")]


def top_k_chart(rankers: list[Ranker], kind: str) -> Figure:
    """Returns bars by k."""
    series = [
        charts.Series(
            ranker.name,
            tuple(_hundredfold(ranker.value(kind, f"top_{k}_accuracy")) for k in formatting.KS),
            tuple(
                _hundredfold(ranker.value(kind, f"top_{k}_accuracy_ci_lower"))
                for k in formatting.KS
            ),
            tuple(
                _hundredfold(ranker.value(kind, f"top_{k}_accuracy_ci_upper"))
                for k in formatting.KS
            ),
        )
        for ranker in rankers
    ]
    svg = charts.bar_chart(
        f"top-{kind or 'all'}".rstrip("_"),
        [f"top {k}" for k in formatting.KS],
        series,
        "",
        "% of held-out ratings",
    )
    alt = f"{WHAT[kind]}. Top 100: " + ", ".join(
        f"{ranker.name} {formatting.percent(ranker.value(kind, 'top_100_accuracy'))}"
        for ranker in rankers
    )
    return Figure(svg, WHAT[kind], alt)


def _hundredfold(value: float | None) -> float | None:
    return None if value is None else 100 * value


def top_k_table(rankers: list[Ranker], kind: str) -> Table:
    """Returns top-k accuracies of all rankers."""
    rows = tuple(
        (
            f"top {k}",
            *(formatting.percent(ranker.value(kind, f"top_{k}_accuracy"), 2) for ranker in rankers),
        )
        for k in formatting.KS
    )
    caption = f"Top-k accuracy, {'unseen' if kind else 'all'}"
    return Table(caption, ("", *(ranker.name for ranker in rankers)), rows)


def other_metrics(rankers: list[Ranker]) -> Table:
    """Returns the metrics averaged over users, the coverage and the ratios to popularity."""
    rows = []
    for name in ("ndcg_at_10", "recall_at_10", "recall_at_100", "coverage_at_100"):
        for kind in WHAT:
            values = [ranker.value(kind, name) for ranker in rankers if not ranker.prefix]
            if values[0] is not None:
                rows.append(_row(rankers, kind + name, values))
    for kind in WHAT:
        values = [r.metrics.get(f"{kind}popularity_ratio") for r in rankers if not r.prefix]
        if values[0] is not None:
            rows.append(_row(rankers, f"{kind}popularity_ratio", values))
    header = ["metric", *(ranker.name for ranker in rankers if not ranker.prefix), "interval"]
    return Table("Other metrics", tuple(header), tuple(rows))


def _row(rankers: list[Ranker], name: str, values: list[float | None]) -> tuple[str, ...]:
    cells = (formatting.figure(value) for value in values)
    return (formatting.plain(name), *cells, formatting.interval(rankers[0].metrics, name))

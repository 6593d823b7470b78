"""Quality: the model against the live model and against the most popular movies."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from components.contracts.metric_names import (
    CATALOGUE_SIZE,
    CI_LOWER,
    CI_UPPER,
    GATE_ACCURACY,
    GATE_RATIO,
    LISTS,
    POPULARITY,
    POPULARITY_RATIO,
    TOP_K,
    UNSEEN,
    accuracy,
)
from components.report.facts import Facts
from components.report.page import charts, formatting
from components.report.page.blocks import Block, Figure, Figures, Note, Section, Table

LIST_TITLES = {
    UNSEEN: "Unseen: train movies removed first, as served",
    "": "All: the raw list, seen movies included",
}


class Ranker(NamedTuple):
    """A source of ranked lists: its name, its metrics and the prefix of their names."""

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
        Figures(tuple(top_k_chart(rankers, kind) for kind in LIST_TITLES)),
        *(top_k_table(rankers, kind) for kind in LIST_TITLES),
        other_metrics(rankers),
    ]
    return Section("quality", "Quality", intro, tuple(blocks))


def rankers_of(facts: Facts) -> list[Ranker]:
    """Returns the model, the live model where there is one, and popularity."""
    assert facts.verdict is not None
    rankers = [Ranker("model", facts.verdict.metrics, "")]
    if facts.verdict.live:
        rankers.append(Ranker("live model", facts.verdict.live, ""))
    return [*rankers, Ranker("popularity", facts.verdict.metrics, POPULARITY)]


def top_k_chart(rankers: list[Ranker], kind: str) -> Figure:
    """Returns bars by k."""
    series = [
        charts.Series(
            ranker.name,
            tuple(_hundredfold(ranker.value(kind, accuracy(k))) for k in TOP_K),
            tuple(_hundredfold(ranker.value(kind, accuracy(k) + CI_LOWER)) for k in TOP_K),
            tuple(_hundredfold(ranker.value(kind, accuracy(k) + CI_UPPER)) for k in TOP_K),
        )
        for ranker in rankers
    ]
    svg = charts.bar_chart(
        f"top-{kind or 'all'}".rstrip("_"),
        [f"top {k}" for k in TOP_K],
        series,
        "",
        "% of held-out ratings",
    )
    alt = f"{LIST_TITLES[kind]}. Top 100: " + ", ".join(
        f"{ranker.name} {formatting.percent(ranker.value(kind, accuracy(100)))}"
        for ranker in rankers
    )
    return Figure(svg, LIST_TITLES[kind], alt)


def _hundredfold(value: float | None) -> float | None:
    return None if value is None else 100 * value


def top_k_table(rankers: list[Ranker], kind: str) -> Table:
    """Returns top-k accuracies of all rankers."""
    rows = tuple(
        (
            f"top {k}",
            *(formatting.percent(ranker.value(kind, accuracy(k)), 2) for ranker in rankers),
        )
        for k in TOP_K
    )
    caption = f"Top-k accuracy, {'unseen' if kind else 'all'}"
    return Table(caption, ("", *(ranker.name for ranker in rankers)), rows)


def other_names(metrics: Mapping[str, float]) -> list[str]:
    """Returns the measures, without prefix, that no other table shows: users' own ones first."""
    shown = {"users", "interactions", *(accuracy(k, prefix) for prefix in LISTS for k in TOP_K)}
    # The section on the gate shows these.
    shown |= {CATALOGUE_SIZE, *(UNSEEN + name for name in (GATE_ACCURACY, GATE_RATIO))}
    shown |= {GATE_ACCURACY, GATE_RATIO}
    names = dict.fromkeys(
        name.removeprefix(UNSEEN)
        for name in metrics
        if name not in shown and not name.endswith((CI_LOWER, CI_UPPER))
    )
    return sorted(names, key=lambda name: (name == POPULARITY_RATIO, name.startswith("coverage")))


def other_metrics(rankers: list[Ranker]) -> Table:
    """Returns every further metric that the Evaluator wrote for the model: unseen, then all."""
    rows = []
    for name in other_names(rankers[0].metrics):
        for kind in LIST_TITLES:
            values = [ranker.value(kind, name) for ranker in rankers if not ranker.prefix]
            if values[0] is not None:
                rows.append(_row(rankers, kind + name, values))
    header = ["metric", *(ranker.name for ranker in rankers if not ranker.prefix), "interval"]
    return Table("Other metrics", tuple(header), tuple(rows))


def _row(rankers: list[Ranker], name: str, values: list[float | None]) -> tuple[str, ...]:
    cells = (formatting.figure(value) for value in values)
    return (formatting.plain(name), *cells, formatting.interval(rankers[0].metrics, name))

"""Data: what came in, what was dropped, how it is spread."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from components.drift.result import Measure
from components.report.facts import Facts, Ratings
from components.report.page import charts, formatting
from components.report.page.blocks import (
    Block,
    Details,
    Figure,
    Figures,
    KeyFigures,
    Note,
    Section,
    Table,
)
from components.report.sections.reading import how_read

# A line of thousands of points says no more than this many do.
POINTS = 120


def data(facts: Facts) -> Section:
    """Returns counts, dropped rows, anomalies and distributions."""
    blocks: list[Block] = []
    if facts.summary is not None:
        blocks += [counts(facts.summary, facts.span), *warnings(facts.summary)]
        blocks += dropped(facts.summary)
        blocks += how_read(facts.summary)
    blocks.append(anomalies(facts.anomalies, facts.problems.get("anomalies", "")))
    blocks += drift(facts.drift)
    figures = [] if facts.summary is None else histogram(facts.summary)
    if facts.ratings is not None and facts.ratings.by_movie:
        figures.append(long_tail(facts.ratings))
    if figures:
        blocks.append(Figures(tuple(figures)))
    if facts.ratings is not None:
        blocks.append(spread_table(facts.ratings))
    if facts.summary is not None:
        blocks.append(files(facts.summary))
    return Section(
        "data", "Data", "What came in, and what the model was trained on.", tuple(blocks)
    )


def counts(summary: dict[str, Any], span: int) -> KeyFigures:
    """Returns the counts of the whole input and of both splits."""
    rated = summary.get("rated_movies")
    items = [
        ("Ratings", formatting.count(summary.get("ratings")), f"layout {summary.get('layout')}"),
        ("Users", formatting.count(summary.get("users")), ""),
        (
            "Movies",
            formatting.count(summary.get("movies")),
            f"{formatting.count(rated)} of them rated",
        ),
    ]
    for name, split in summary.get("splits", {}).items():
        share = split["interactions"] / max(1, summary.get("ratings", 0))
        detail = (
            f"{formatting.percent(share)} of the ratings, {formatting.count(split['users'])} users"
        )
        items.append((f"Split {name}", formatting.count(split["interactions"]), detail))
    first, last = summary.get("first_timestamp"), summary.get("last_timestamp")
    if first and last:
        items.append(("Period", formatting.day(first), f"to {formatting.day(last)}"))
    if span:
        items.append(("Span", str(span), ""))
    return KeyFigures(tuple(items))


def warnings(summary: dict[str, Any]) -> list[Block]:
    """Returns what a person should look at though the data was accepted."""
    return [Note(f"Warning: {text}", warning=True) for text in summary.get("warnings", ())]


def dropped(summary: dict[str, Any]) -> list[Block]:
    """Returns the dropped rows by reason with an example of each, or that there are none."""
    reasons = {name: number for name, number in summary.get("dropped", {}).items() if number}
    rows = summary.get("rows") or 0
    if not reasons:
        return [Note(f"No row was dropped of {formatting.count(rows)}.")]
    examples = summary.get("examples_of_dropped", {})
    table = Table(
        "Dropped rows",
        ("reason", "rows", "share", "for example"),
        tuple(
            (
                formatting.plain(reason),
                formatting.count(number),
                formatting.percent(number / max(1, rows), 2),
                str(examples.get(reason, formatting.DASH)),
            )
            for reason, number in sorted(reasons.items(), key=lambda pair: -pair[1])
        ),
        text_columns=frozenset({3}),
    )
    return [table]


def anomalies(lines: list[str] | None, problem: str) -> Block:
    """Returns the anomalies of the ExampleValidator."""
    if lines is None:
        return Note(f"The anomalies could not be read: {problem}", warning=True)
    if not lines:
        return Note("The data follow the schema: no anomalies.")
    return Table("Anomalies", ("split/feature: what is wrong",), tuple((line,) for line in lines))


def drift(measures: list[Measure] | None) -> list[Block]:
    """Returns how the data differ from those of the live model; nothing where none is live."""
    if not measures:
        return []
    rows = tuple(
        (
            measure.name,
            f"{measure.value:.3f}",
            f"{measure.threshold:g}",
            "drifted" if measure.drifted else "as before",
        )
        for measure in measures
    )
    head = ("compared with the live model's data", "measure", "at most", "verdict")
    return [Table("Drift", head, rows, text_columns=frozenset({3}))]


def histogram(summary: dict[str, Any]) -> list[Figure]:
    """Returns the histogram of the rating values; none where there are no values."""
    values = summary.get("rating_histogram") or {}
    if not values:
        return []
    total = sum(values.values())
    labels = sorted(values, key=_as_number)
    shares = tuple(100 * values[label] / max(1, total) for label in labels)
    alt = "Share of each rating: " + ", ".join(
        f"{label}: {share:.1f} %" for label, share in zip(labels, shares, strict=True)
    )
    svg = charts.bar_chart(
        "ratings", labels, [charts.Series("share", shares)], "rating", "% of the ratings"
    )
    return [Figure(svg, "Ratings by value", alt)]


def _as_number(label: str) -> tuple[float, str]:
    try:
        return float(label), label
    except ValueError:
        return math.inf, label


def long_tail(ratings: Ratings) -> Figure:
    """Returns ratings by rank of movie and of user, both axes logarithmic."""
    lines = []
    for name, numbers in (("movies", ratings.by_movie.values()), ("users", ratings.by_user)):
        ranked = sorted((n for n in numbers if n > 0), reverse=True)
        ranks = _even_ranks(len(ranked))
        lines.append((name, ranks, [ranked[rank - 1] for rank in ranks]))
    svg = charts.line_chart("tail", lines, "rank", "train ratings", logarithmic=True)
    top = share_of_top(list(ratings.by_movie.values()), 0.1)
    alt = (
        "Ratings by rank of movie and of user, falling. The tenth of the rated movies with the "
        f"most ratings holds {formatting.percent(top)} of all ratings."
    )
    return Figure(svg, "Long tail: ratings of each movie and of each user", alt)


def _even_ranks(last: int) -> list[int]:
    """Returns ranks from 1 to `last` at even distances on a logarithmic axis."""
    if last < 1:
        return []
    steps = (last ** (step / (POINTS - 1)) for step in range(POINTS))
    return sorted({min(last, round(rank)) for rank in steps})


def share_of_top(numbers: Sequence[int], part: float) -> float:
    """Returns the share of the sum that the greatest `part` of the numbers holds."""
    ranked = sorted(numbers, reverse=True)
    return sum(ranked[: max(1, round(part * len(ranked)))]) / max(1, sum(ranked))


def spread_table(ratings: Ratings) -> Table:
    """Returns how many train ratings users and movies have."""
    every_movie = [ratings.by_movie.get(movie, 0) for movie in ratings.movies_by_popularity()]
    rows = []
    for name, numbers in (("of a user", ratings.by_user), ("of a movie", every_movie)):
        ranked = sorted(numbers)
        cells = (
            [formatting.count(ranked[round(q * (len(ranked) - 1))]) for q in (0, 0.1, 0.5, 0.9, 1)]
            if ranked
            else [formatting.DASH] * 5
        )
        rows.append((name, *cells, formatting.percent(share_of_top(ranked, 0.1))))
    header = ("", "least", "10th of 100", "median", "90th of 100", "most", "top tenth's share")
    return Table("Train ratings", header, tuple(rows))


def files(summary: dict[str, Any]) -> Block:
    """Returns names and sizes of the files that were read."""
    rows = tuple(
        (name, formatting.size(number)) for name, number in summary.get("files", {}).items()
    )
    return Details("Files", (Table("Files that were read", ("file", "size"), rows),))

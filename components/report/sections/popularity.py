"""Popularity bias: does the model only recommend what everyone watches anyway?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from components.report.facts import Facts, QueryResults, Ratings
from components.report.page import charts, formatting
from components.report.page.blocks import Details, Figure, Figures, KeyFigures, Note, Section, Table

PARTS = 10


def popularity(facts: Facts) -> Section:
    """Returns shares by tenth of the catalogue, and coverage."""
    title, anchor = "Popularity bias and coverage", "popularity"
    if (
        facts.ratings is None
        or facts.query_results is None
        or not facts.query_results.measured_users
    ):
        return Section(anchor, title, "", (Note(f"Not measured: {facts.why_not_queried}"),))
    rated, recommended = shares(facts.ratings, facts.query_results)
    length = facts.query_results.list_length
    intro = (
        f"The catalogue in {PARTS} equal parts, from the most rated movies to the least: each "
        f"part's share of the train ratings, and of the first {length} recommendations to "
        f"{formatting.count(facts.query_results.measured_users)} users."
    )
    metrics = facts.verdict.metrics if facts.verdict else {}
    blocks = (
        key_figures(facts.ratings, facts.query_results, metrics, rated[0], recommended[0]),
        Figures((decile_chart(rated, recommended),)),
        Details("Shares as a table", (decile_table(rated, recommended, length),)),
    )
    return Section(anchor, title, intro, blocks)


def shares(ratings: Ratings, results: QueryResults) -> tuple[list[float], list[float]]:
    """Returns each part's share of the ratings and of the recommendations."""
    movies = ratings.movies_by_popularity()
    return part_shares(movies, ratings.by_movie), part_shares(movies, results.recommended)


def part_shares(movies: Sequence[str], counts: Mapping[str, int]) -> list[float]:
    """Returns the share of all counts that each tenth of the movies has.

    Args:
        movies: All movies, most popular first.
        counts: Count of each movie that has any.
    """
    sums = [0] * PARTS
    for rank, movie in enumerate(movies):
        sums[rank * PARTS // len(movies)] += counts.get(movie, 0)
    total = max(1, sum(sums))
    return [number / total for number in sums]


def key_figures(
    ratings: Ratings,
    results: QueryResults,
    metrics: Mapping[str, float],
    rated_top: float,
    recommended_top: float,
) -> KeyFigures:
    """Returns the share of the most popular tenth, and how much of the catalogue is shown."""
    catalogue = len(ratings.movies_by_popularity())
    shown = len(results.recommended)
    items = [
        (
            "Most popular tenth",
            formatting.percent(recommended_top),
            f"of the recommendations; {formatting.percent(rated_top)} of the ratings",
        ),
        (
            f"Coverage, first {results.list_length}",
            formatting.percent(shown / max(1, catalogue)),
            f"{formatting.count(shown)} of {formatting.count(catalogue)} movies, for these users",
        ),
    ]
    if "unseen_coverage_at_100" in metrics:
        coverage = formatting.percent(metrics["unseen_coverage_at_100"])
        items.append(("Coverage, first 100", coverage, "of the catalogue, for all users of eval"))
    return KeyFigures(tuple(items))


def decile_chart(rated: list[float], recommended: list[float]) -> Figure:
    """Returns both shares by part."""
    svg = charts.bar_chart(
        "deciles",
        [str(part) for part in range(1, PARTS + 1)],
        [
            charts.Series("recommendations", tuple(100 * share for share in recommended)),
            charts.Series("train ratings", tuple(100 * share for share in rated)),
        ],
        "tenth of the catalogue, most rated first",
        "%",
    )
    alt = (
        f"The most rated tenth has {formatting.percent(recommended[0])} of the recommendations and "
        f"{formatting.percent(rated[0])} of the ratings; the second "
        f"{formatting.percent(recommended[1])} and "
        f"{formatting.percent(rated[1])}."
    )
    return Figure(svg, "Share of recommendations and of ratings", alt)


def decile_table(rated: list[float], recommended: list[float], length: int) -> Table:
    """Returns the same as figures."""
    rows = tuple(
        (str(part), formatting.percent(mine), formatting.percent(theirs))
        for part, (mine, theirs) in enumerate(zip(recommended, rated, strict=True), 1)
    )
    header = ("tenth", f"first {length} recommendations", "train ratings")
    return Table("Shares by tenth of the catalogue", header, rows)

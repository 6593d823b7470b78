"""Slices: for whom the model works better or worse."""

from __future__ import annotations

import re
from collections.abc import Mapping

from components.contracts import metric_names
from components.contracts.metric_names import CI_LOWER, CI_UPPER, UNSEEN, accuracy
from components.report.facts import Facts
from components.report.page import charts, formatting
from components.report.page.blocks import Block, Details, Figure, Figures, Note, Section, Table

METRIC = accuracy(100, UNSEEN)
POPULARITY = accuracy(100, f"{UNSEEN}{metric_names.POPULARITY}")
# Name or value of a slice → role → metrics.
Slices = Mapping[str, Mapping[str, Mapping[str, float]]]
# A chart with more rows than this is none.
MOST_ROWS = 20


def slices(facts: Facts) -> Section:
    """Returns one chart and one table for each feature."""
    intro = (
        "Unseen top 100 by group of users. Small groups have wide intervals; a group that "
        "popularity serves better than the model is worth a look."
    )
    groups = by_feature(facts.verdict.slices if facts.verdict else {})
    if not groups:
        reason = facts.problems.get("verdict", "the users have no features to slice by")
        return Section("slices", "Slices", intro, (Note(f"No slices: {reason}."),))
    blocks: list[Block] = [
        Figures(tuple(slice_chart(feature, group) for feature, group in groups.items())),
        Details(
            "Slices as tables",
            tuple(slice_table(feature, group) for feature, group in groups.items()),
        ),
    ]
    return Section("slices", "Slices", intro, tuple(blocks))


def by_feature(metrics: Slices) -> dict[str, Slices]:
    """Returns feature → value → role → metrics, values in their natural order."""
    groups: dict[str, dict[str, Mapping[str, Mapping[str, float]]]] = {}
    for name in sorted(metrics, key=_natural):
        feature, _, value = name.partition("=")
        groups.setdefault(feature, {})[value] = metrics[name]
    return {name: groups[name] for name in sorted(groups, key=_feature_order)}


def _feature_order(feature: str) -> tuple[int, str]:
    known = list(formatting.SLICE_FEATURES)
    return (known.index(feature) if feature in known else len(known), feature)


def _natural(name: str) -> tuple[str, int, str]:
    """Orders `20-49` before `100-199`."""
    feature, _, value = name.partition("=")
    digits = re.split(r"\D", value, maxsplit=1)[0]
    return feature, int(digits or -1), value


def slice_chart(feature: str, group: Slices) -> Figure:
    """Returns a row of dots for each value of a feature."""
    shown = dict(list(group.items())[:MOST_ROWS])
    series = [_series("model", shown, "model", METRIC)]
    if any(METRIC in roles.get("live", {}) for roles in shown.values()):
        series.append(_series("live model", shown, "live", METRIC))
    series.append(_series("popularity", shown, "model", POPULARITY))
    labels = [
        f"{value} ({formatting.count(roles.get('model', {}).get('users'))})"
        for value, roles in shown.items()
    ]
    alt = f"Unseen top 100 by {feature}: " + ", ".join(
        f"{value} {formatting.percent(roles.get('model', {}).get(METRIC))}"
        for value, roles in shown.items()
    )
    svg = charts.dot_chart(f"slice-{feature}", labels, series, "% of held-out ratings")
    name = formatting.SLICE_FEATURES.get(feature, formatting.plain(feature))
    title = f"By {name} (users in brackets)"
    return Figure(svg, title, alt)


def _series(name: str, group: Slices, role: str, metric: str) -> charts.Series:
    def column(suffix: str = "") -> tuple[float | None, ...]:
        values = (roles.get(role, {}).get(metric + suffix) for roles in group.values())
        return tuple(None if value is None else 100 * value for value in values)

    return charts.Series(name, column(), column(CI_LOWER), column(CI_UPPER))


def slice_table(feature: str, group: Slices) -> Table:
    """Returns the same as figures."""
    rows = []
    for value, roles in group.items():
        model, live = roles.get("model", {}), roles.get("live", {})
        rows.append(
            (
                value or formatting.DASH,
                formatting.count(model.get("users")),
                formatting.count(model.get("interactions")),
                formatting.percent(model.get(METRIC), 2),
                formatting.interval(model, METRIC),
                formatting.percent(live.get(METRIC), 2),
                formatting.percent(model.get(POPULARITY), 2),
            )
        )
    header = (feature, "users", "ratings", "model", "interval", "live model", "popularity")
    return Table(f"Unseen top 100 by {formatting.plain(feature)}", header, tuple(rows))

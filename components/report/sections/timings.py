"""Timings: where the seconds of training went; the runner adds those of the components."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from components.report.facts import Facts
from components.report.page import charts, formatting
from components.report.page.blocks import Block, Figure, Figures, Note, Section, Table


def timings(facts: Facts) -> Section:
    """Returns the phases of training and of the serving check."""
    rows = []
    phases = (facts.history or {}).get("seconds", {})
    rows += [
        (f"Trainer: {formatting.plain(name)}", formatting.seconds(value))
        for name, value in phases.items()
    ]
    by_epoch = [e["seconds"] for e in (facts.history or {}).get("epochs", []) if "seconds" in e]
    if by_epoch:
        middle = sorted(by_epoch)[len(by_epoch) // 2]
        rows.append(("Trainer: one epoch (median)", formatting.seconds(middle)))
    if facts.check is not None:
        rows.append(("Serving check: fresh process", formatting.seconds(facts.check.seconds)))
        if facts.check.latency_ms is not None:
            latency = f"{facts.check.latency_ms:.1f} ms"
            rows.append(("Serving check: query for one user (median)", latency))
    table = Table("Phases", ("phase", "time"), tuple(rows))
    block: Block = table if rows else Note("No timings are known.")
    return Section("timings", "Timings", "", (block,))


def component_timings(components: Sequence[Mapping[str, Any]]) -> list[Block]:
    """Returns chart and table of what the runner measured.

    Args:
        components: `id`, `state`, `cached` and `seconds` of each, in the order they ran.
    """
    if not components:
        return []
    names = [str(one["id"]) for one in components]
    values = [float(one["seconds"]) for one in components]
    rows = tuple(
        (name, formatting.seconds(value), "cached" if one["cached"] else str(one["state"]))
        for name, value, one in zip(names, values, components, strict=True)
    )
    longest = names[values.index(max(values))]
    alt = f"Seconds by component, {sum(values):.1f} in all; the longest is {longest}."
    svg = charts.row_chart("components", names, values, "seconds")
    table = Table("Components of this run", ("component", "time", "state"), rows, frozenset({2}))
    return [Figures((Figure(svg, "Seconds by component", alt),)), table]

from __future__ import annotations

from components.report.facts import Facts
from components.report.page.blocks import Note
from components.report.sections import timings


def test_timings_of_phases_and_serving(facts: Facts) -> None:
    (table,) = timings.timings(facts).blocks
    assert dict(table.rows) == {
        "Trainer: read": "0.5 s",
        "Trainer: fit": "3.0 s",
        "Trainer: one epoch (median)": "2.0 s",
        "Serving check: fresh process": "9.0 s",
        "Serving check: query for one user (median)": "1.2 ms",
    }


def test_timings_unknown() -> None:
    assert timings.timings(Facts("demo")).blocks == (Note("No timings are known."),)


def test_component_timings_mark_cached() -> None:
    one = {"id": "Trainer", "state": "done", "cached": True, "seconds": 2.0}
    figures, table = timings.component_timings([one])
    assert table.rows == (("Trainer", "2.0 s", "cached"),)
    assert figures.figures[0].alt == "Seconds by component, 2.0 in all; the longest is Trainer."


def test_component_timings_of_none() -> None:
    assert timings.component_timings([]) == []

from __future__ import annotations

import pytest

from components.report.build import build_page
from components.report.facts import Facts
from components.report.finish import add_run, outcome_text
from components.report.page.render import OUTCOME_MARKER, TIMINGS_MARKER, render_page

pytestmark = pytest.mark.usefixtures("no_charts")
COMPONENTS = [
    {"id": "Trainer", "state": "done", "cached": False, "seconds": 12.0},
    {"id": "Pusher", "state": "done", "cached": True, "seconds": 0.1},
]


def test_add_run_tells_outcome_and_timings(facts: Facts) -> None:
    page = add_run(render_page(build_page(facts)), "pushed", "all gates passed", "42", COMPONENTS)
    assert "Pushed as version 42." in page
    assert "12.1 in all; the longest is Trainer" in page
    assert OUTCOME_MARKER not in page
    assert TIMINGS_MARKER not in page


def test_page_before_the_run_ends_has_one_place_for_each(facts: Facts) -> None:
    page = render_page(build_page(facts))
    assert page.count(OUTCOME_MARKER) == page.count(TIMINGS_MARKER) == 1


def test_outcome_text_of_refused_and_of_nothing_new() -> None:
    assert outcome_text("refused", "why", "") == "Nothing was pushed."
    assert outcome_text("nothing_new", "nothing changed", "7") == (
        "Live as version 7: nothing changed."
    )

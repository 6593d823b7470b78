from __future__ import annotations

import dataclasses

import pytest

from components.report import build
from components.report.facts import Facts
from components.report.page.render import render_page

pytestmark = pytest.mark.usefixtures("no_charts")
OPTIONAL = (
    "summary",
    "anomalies",
    "history",
    "check",
    "verdict",
    "ratings",
    "query_results",
)


def _failed(page: str) -> bool:
    return "could not be made" in page


def test_page_of_whole_run_has_every_section(facts: Facts) -> None:
    page = build.build_page(facts)
    assert [section.id for section in page.sections] == [
        "gate",
        "quality",
        "slices",
        "samples",
        "nearest",
        "popularity",
        "training",
        "data",
        "timings",
        "origin",
    ]
    assert not _failed(render_page(page))


@pytest.mark.parametrize("part", OPTIONAL)
def test_page_without_a_part_says_why(facts: Facts, part: str) -> None:
    without = dataclasses.replace(facts, **{part: None}, problems={part: "the disk is gone"})
    html = render_page(build.build_page(without))
    assert not _failed(html)
    if part not in ("summary", "check"):  # the headline and the data say it their own way
        assert "the disk is gone" in html


def test_page_of_nothing(facts: Facts) -> None:
    html = render_page(build.build_page(Facts(pipeline="empty")))
    assert not _failed(html)
    assert "Refused" in html


def test_page_with_failing_section_keeps_the_others(
    facts: Facts, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(facts: Facts) -> None:
        raise ValueError("<oh>")

    monkeypatch.setattr(build, "SECTIONS", (broken, *build.SECTIONS))
    html = render_page(build.build_page(facts))
    assert "could not be made: ValueError(&#39;&lt;oh&gt;&#39;)" in html
    assert 'id="origin"' in html

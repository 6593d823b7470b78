from __future__ import annotations

import re

import pytest

from components.report.page import charts

LABEL = "<b>5$ & $</b>"


def _bars(name: str = "chart") -> str:
    return charts.bar_chart(name, ["a", LABEL], [charts.Series("one", (1.0, None))], "x", "y")


@pytest.mark.parametrize(
    "svg",
    [
        _bars(),
        charts.line_chart("chart", [(LABEL, [1, 2], [3, 4])], "x", "y"),
        charts.line_chart("chart", [("a", [1, 10], [100, 1])], "x", "y", logarithmic=True),
        charts.dot_chart("chart", [LABEL], [charts.Series("a", (1.0,), (0.5,), (2.0,))], "x"),
        charts.row_chart("chart", [LABEL], [2.0], "seconds"),
    ],
    ids=["bars", "lines", "logarithmic", "dots", "rows"],
)
def test_chart_takes_colours_from_page_and_nothing_from_elsewhere(svg: str) -> None:
    # Every colour is a variable of the page: no hexadecimal colour is left.
    assert not re.findall(r"#[0-9a-f]{6}\b", svg)
    assert "var(--ink)" in svg or "var(--muted)" in svg
    assert "http" not in svg
    assert "<b>" not in svg
    assert "<style" not in svg  # it would hold for the whole page
    assert svg.startswith("<svg")


def test_chart_escapes_label_and_reads_no_mathematics_in_it() -> None:
    assert "&lt;b&gt;5$ &amp; $&lt;/b&gt;" in _bars()


def test_chart_same_drawing_same_text() -> None:
    assert _bars() == _bars()


def test_chart_ids_carry_its_name_and_all_are_used() -> None:
    first, second = _bars("one"), _bars("two")
    ids = set(re.findall(r'\bid="([^"]+)"', first))
    assert ids
    assert all(name.startswith("one-") for name in ids)
    assert set(re.findall(r'(?:href="|url\()#([\w.-]+)', first)) == ids
    assert not ids & set(re.findall(r'\bid="([^"]+)"', second))


def test_line_chart_logarithmic_axis_shows_plain_numbers() -> None:
    svg = charts.line_chart("tail", [("a", [1, 1000], [1000, 1])], "x", "y", logarithmic=True)
    assert ">1,000</text>" in svg
    assert "mathdefault" not in svg


def test_dot_chart_draws_interval_as_line() -> None:
    def paths(series: charts.Series) -> int:
        return charts.dot_chart("c", ["a", "b"], [series], "x").count("<path")

    with_interval = charts.Series("s", (1.0, 2.0), (0.9, None), (1.1, None))
    assert paths(with_interval) == paths(charts.Series("s", (1.0, 2.0))) + 1


def test_line_chart_of_whole_numbers_has_no_fractions_below() -> None:
    # The y axis is from 19 to 21: of the labels below 10 all are of the x axis.
    def below(xs: list[float]) -> set[str]:
        svg = charts.line_chart("trials", [("a", xs, [20.0] * len(xs))], "x", "y")
        labels = re.findall(r">([\d.]+)</text>", svg)
        return {label for label in labels if float(label) < 10}

    assert below([1, 2, 3, 4]) == {"1", "2", "3", "4"}
    assert below([0.0, 0.5, 1.0]) > {"0.2", "0.4"}

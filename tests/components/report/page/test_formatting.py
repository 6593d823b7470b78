from __future__ import annotations

import pytest

from components.report.page import formatting


def test_count_and_percent() -> None:
    assert formatting.count(1000209) == "1,000,209"
    assert formatting.percent(0.46037, 2) == "46.04 %"
    assert formatting.percent(None) == formatting.count(None) == formatting.figure(None) == "–"


@pytest.mark.parametrize(
    ("number", "text"), [(999, "999 B"), (2048, "2.0 kB"), (24594131, "24.6 MB"), (3e9, "3.0 GB")]
)
def test_size_in_fitting_unit(number: float, text: str) -> None:
    assert formatting.size(number) == text


def test_day_of_timestamp_and_of_nonsense() -> None:
    assert formatting.day(86400) == "1970-01-02"
    assert formatting.day(1e30) == "1e+30"


def test_interval_or_dash() -> None:
    metrics = {"m_ci_lower": 0.1, "m_ci_upper": 0.25}
    assert formatting.interval(metrics, "m") == "0.1000 to 0.2500"
    assert formatting.interval(metrics, "other") == "–"

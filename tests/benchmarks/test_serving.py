"""From measured times to the table of the server's benchmark."""

from __future__ import annotations

import argparse
from pathlib import Path

import pytest

from benchmarks import serving, swaps
from benchmarks.serving import counted, quantiles, table
from benchmarks.swaps import sentence


def part(milliseconds: float, per_second: float) -> dict[str, float]:
    return {**quantiles([milliseconds / 1000] * 10), "per_second": per_second, "not_200": 0}


def test_quantiles_are_milliseconds() -> None:
    found = quantiles([n / 1000 for n in range(1, 102)])  # 1 to 101 ms
    assert found == pytest.approx({"p50_ms": 51, "p90_ms": 91, "p99_ms": 100, "max_ms": 101})


def test_answers_are_counted_by_their_status() -> None:
    found = counted([0.001, 0.002, 0.003], ["200", "503", "200"])
    assert (found["requests"], found["not_200"], found["max_ms"]) == (3, 1, 3.0)


def test_nothing_live_is_one_line(tmp_path: Path) -> None:
    arguments = argparse.Namespace(output_root=tmp_path, pipeline_name="movielens")
    for measure in (serving.measure, swaps.measure):
        with pytest.raises(SystemExit) as error:
            measure(arguments)
        assert str(error.value) == f"benchmarks: nothing is live in {tmp_path}"


def test_table_counts_users_of_batches() -> None:
    figures = {
        "rows_per_batch": 64,
        "floor_one": part(2, 500),
        "steady": part(3, 200),
        "saturated_one": part(8, 900),
        "floor_batch": part(9, 110),
        "saturated_batch": part(50, 80),
        "soak": {"requests": 24_000, "not_200": 0, "memory_mb": [700.0, 710.0, 705.0] * 8},
    }
    text = table(figures)
    # 80 requests a second of 64 users each.
    assert "| server, saturated, `:predict` of 64 users | 50.0 | 50.0 | 80 | 5,120 | 0 |" in text
    assert "24,000 requests in 2 minutes" in text
    assert "700 MB after the first five seconds, 705 MB at the end, 710 MB at most" in text


def test_sentence_of_the_swaps_counts_requests_and_versions() -> None:
    figures = {
        **part(3, 0),
        "requests": 16_000,
        "versions": 22,
        "versions_that_answered": 21,
        "memory_mb": [450.0, 470.0, 460.0],
    }
    text = sentence(figures)
    assert "16,000 requests at 200/s, 0 not answered by 200; 21 of 22 versions answered" in text
    assert text.endswith("memory 450 to 470 MB")

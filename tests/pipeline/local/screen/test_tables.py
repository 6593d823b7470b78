from __future__ import annotations

import io

import pytest
from rich.console import Console

from pipeline.local.run.samples import RecommendationSample
from pipeline.local.screen.tables import print_sample, print_trials


@pytest.mark.parametrize("title", ["[/x]", "[bold]Kite", "[link=x]", "Red [1999]", "\\[/]"])
def test_print_sample_shows_titles_and_ids_as_they_are(title: str) -> None:
    text = io.StringIO()
    sample = RecommendationSample(title, [(title, 5.0)], [title])
    print_sample(Console(file=text, width=80), sample)
    assert text.getvalue().count(title) == 3


def test_trials_are_printed_best_first_and_failures_last() -> None:
    document = {
        "objective": "unseen_top_100_accuracy",
        "best": 2,
        "trials": [
            {"number": 1, "values": {"dropout": 0.6}, "score": 0.41, "seconds": 3.0},
            {"number": 2, "values": {"dropout": 0.5}, "score": 0.43, "seconds": 4.0},
            {"number": 3, "values": {"dropout": 0.1}, "score": None, "seconds": 0.1},
        ],
    }
    text = io.StringIO()
    print_trials(Console(file=text, width=80), document)
    rows = [line.split() for line in text.getvalue().splitlines() if line.strip()[:1].isdigit()]
    assert rows == [
        ["2", "0.4300", "0.5", "4"],
        ["1", "0.4100", "0.6", "3"],
        ["3", "failed", "0.1", "0"],
    ]

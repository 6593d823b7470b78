from __future__ import annotations

import io

from rich.console import Console

from pipeline.local.screen.trials_table import print_trials


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

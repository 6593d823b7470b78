from __future__ import annotations

import dataclasses

import pytest

from components.report.facts import Facts
from components.report.sections import training, trials

FOUND = {
    "objective": "unseen_top_100_accuracy",
    "seed": 1,
    "best": 3,
    "trials": [
        {"number": 1, "score": 0.41, "values": {"dropout": 0.6, "loss": "full"}, "seconds": 40.0},
        {"number": 2, "score": None, "values": {"dropout": 0.123456, "loss": "x"}, "seconds": 0.5},
        {"number": 3, "score": 0.425, "values": {"dropout": 0.5, "loss": "full"}, "seconds": 44.0},
        {"number": 4, "score": 0.42, "values": {"dropout": 0.4, "loss": "full"}, "seconds": 42.0},
    ],
}


def test_no_search_no_trials() -> None:
    assert trials.trials(None) == []


def test_table_has_the_best_first_and_marks_it_and_the_failed_last() -> None:
    table = trials.trials_table(FOUND)
    assert table.header == ("trial", "unseen top 100 accuracy", "dropout", "loss", "time")
    assert [row[0] for row in table.rows] == ["3, the best", "4", "1", "2"]
    assert table.rows[0][1:] == ("0.4250", "0.5", "full", "44.0 s")
    assert table.rows[-1][1:3] == ("failed", "0.1235")


def test_chart_tells_first_and_best() -> None:
    scored = [trial for trial in FOUND["trials"] if trial["score"]]
    figure = trials.search_chart(scored, FOUND["objective"])
    assert figure.alt == "unseen top 100 accuracy by trial: from 41.00 to 42.50 %"


def test_failed_trials_are_counted() -> None:
    *_, note = trials.trials(FOUND)
    assert note.text == "Trials that failed: 1."
    assert note.warning


@pytest.mark.usefixtures("no_charts")
def test_training_shows_the_search_between_curves_and_settings(facts: Facts) -> None:
    section = training.training(dataclasses.replace(facts, trials=FOUND))
    kinds = [block.kind for block in section.blocks]
    assert kinds == ["figures", "note", "figures", "table", "note", "details"]

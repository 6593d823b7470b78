from __future__ import annotations

import dataclasses

from components.evaluator.result import EvaluationResult
from components.report.facts import Facts
from components.report.sections import quality


def test_top_k_table_compares_model_live_model_and_popularity(facts: Facts) -> None:
    table = quality.top_k_table(quality.rankers_of(facts), "unseen_")
    assert table.header == ("", "model", "live model", "popularity")
    assert table.rows[-1] == ("top 100", "40.00 %", "35.00 %", "20.00 %")


def test_rankers_without_live_model_are_two(facts: Facts) -> None:
    first = dataclasses.replace(facts, verdict=dataclasses.replace(facts.verdict, live={}))
    assert [ranker.name for ranker in quality.rankers_of(first)] == ["model", "popularity"]


def test_other_metrics_leave_out_what_was_not_measured(facts: Facts) -> None:
    names = [row[0] for row in quality.other_metrics(quality.rankers_of(facts)).rows]
    assert names == ["coverage at 100", "unseen popularity ratio", "popularity ratio"]


def test_quality_without_metrics_says_why(facts: Facts) -> None:
    (note,) = quality.quality(dataclasses.replace(facts, verdict=EvaluationResult())).blocks
    assert "no user has a held-out rating" in note.text


def test_other_metrics_shows_a_metric_that_no_code_of_the_report_names() -> None:
    metrics = {"unseen_novelty_at_10": 0.25, "novelty_at_10": 0.5, "popularity_ratio": 2.0}
    table = quality.other_metrics([quality.Ranker("model", {**metrics, "users": 3.0}, "")])
    assert [row[0] for row in table.rows] == [
        *("unseen novelty at 10", "novelty at 10", "popularity ratio")
    ]

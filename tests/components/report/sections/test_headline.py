from __future__ import annotations

import dataclasses

from components.evaluator.result import EvaluationResult, GateDecision
from components.report.facts import Facts
from components.report.sections.headline import headline
from components.serving_check.result import failure


def test_headline_accepted_with_key_figures(facts: Facts) -> None:
    actual = headline(facts)
    assert actual.accepted
    assert actual.reasons == ()
    assert actual.figures.items[0] == (
        "Top 100, unseen",
        "40.0 %",
        "popularity 20.0 %, live model 35.0 %",
    )


def test_headline_refused_names_gates_then_serving_check(facts: Facts) -> None:
    refused = GateDecision(name="g", value=0, threshold=1, passed=False, reason="g is 0")
    actual = headline(
        dataclasses.replace(
            facts,
            verdict=EvaluationResult({}, {}, [refused]),
            check=failure("load", "no file", 1.0),
        )
    )
    assert not actual.accepted
    assert actual.reasons[0] == "g is 0"
    assert "no file" in actual.reasons[1]


def test_headline_without_evaluation_accepts_nothing(facts: Facts) -> None:
    assert not headline(dataclasses.replace(facts, verdict=None)).accepted


def test_headline_without_serving_check_accepts_nothing(facts: Facts) -> None:
    assert not headline(dataclasses.replace(facts, check=None)).accepted

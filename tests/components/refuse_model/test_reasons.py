from __future__ import annotations

from components.evaluator.result import EvaluationResult, GateDecision
from components.refuse_model.reasons import refusal_reasons
from components.serving_check.result import Check, ServingCheckResult

PASSED = GateDecision("popularity_ratio", 2.0, 1.05, True, "popularity_ratio is 2.0")
FAILED = GateDecision("top_100_accuracy", 0.1, 0.2, False, "top_100_accuracy is 0.1000")


def check(passed: bool) -> ServingCheckResult:
    return ServingCheckResult((Check("speed", passed, "slow"),))


def test_refusal_reasons_names_all_the_gates_first() -> None:
    evaluation = EvaluationResult({}, {}, [FAILED, PASSED])
    first, second = refusal_reasons(evaluation, check(passed=False))
    assert first == "top_100_accuracy is 0.1000"
    assert "speed: slow" in second


def test_refusal_reasons_of_an_accepted_model_is_empty() -> None:
    assert refusal_reasons(EvaluationResult({}, {}, [PASSED]), check(passed=True)) == []

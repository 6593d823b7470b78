"""Figures and decisions in one file and as what people see."""

from __future__ import annotations

import dataclasses
import math
from pathlib import Path

import pytest

from components.artifacts import Metrics
from components.evaluator import result
from components.evaluator.config import GateConfig
from components.evaluator.result import EvaluationResult, GateDecision

DECISION = GateDecision("top_100_accuracy", 0.1, 0.2, False, "too low")


def written(evaluation: EvaluationResult, folder: Path) -> Metrics:
    artifact = Metrics()
    artifact.uri = str(folder / "metrics")
    result.write(evaluation, artifact)
    return artifact


def test_result_with_a_failed_decision_has_not_passed_and_says_why() -> None:
    evaluation = EvaluationResult(decisions=[DECISION])
    assert not evaluation.passed
    assert evaluation.reasons == ["too low"]


def test_write_then_read(tmp_path: Path) -> None:
    slices = {"gender=F": {"model": {"top_1_accuracy": 0.25}}}
    evaluation = EvaluationResult({"top_1_accuracy": 0.5}, {}, [DECISION], slices)
    artifact = written(evaluation, tmp_path)
    assert result.read(artifact.uri) == evaluation
    assert artifact.get_float_custom_property("top_1_accuracy") == 0.5
    assert artifact.get_string_custom_property("gate") == "refused: too low"


def test_write_then_read_a_decision_without_a_value(tmp_path: Path) -> None:
    unknown = dataclasses.replace(DECISION, value=None)
    artifact = written(EvaluationResult(decisions=[unknown]), tmp_path)
    assert result.read(artifact.uri).decisions[0].value is None


def test_shown_has_model_live_model_and_popularity() -> None:
    model = {"top_10_accuracy": 0.2, "popularity_top_10_accuracy": 0.1, "ndcg_at_10": 0.3}
    live = {"top_10_accuracy": 0.15, "popularity_top_10_accuracy": 0.1}
    # The live model's popularity is the model's: it is shown once. What people do not look at first
    # is in the file.
    assert result.shown(EvaluationResult(model, live, [])) == {
        "gate": "passed",
        "top_10_accuracy": 0.2,
        "popularity_top_10_accuracy": 0.1,
        "live_top_10_accuracy": 0.15,
    }


def test_shown_leaves_out_what_is_not_finite() -> None:
    assert "top_1_accuracy" not in result.shown(EvaluationResult({"top_1_accuracy": math.nan}))


def test_check_thresholds_of_other_settings_is_an_error() -> None:
    evaluation = EvaluationResult(decisions=[DECISION])
    result.check_thresholds(evaluation, GateConfig(min_top_100_accuracy=0.2))
    with pytest.raises(RuntimeError, match=r"against 0\.2, the settings say 0\.3"):
        result.check_thresholds(evaluation, GateConfig(min_top_100_accuracy=0.3))

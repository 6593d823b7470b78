"""The Gate lets pass what Evaluator and serving check accept, and says why it does not."""

from __future__ import annotations

from pathlib import Path

import pytest
from tfx import types
from tfx.types import standard_artifacts

from components.artifacts import Metrics
from components.errors import RefusedError
from components.evaluator import result
from components.evaluator.result import EvaluationResult, GateDecision
from components.refuse_model.component import Executor
from components.serving_check.result import Check, ServingCheckResult, write_check

PASSED = GateDecision("top_100_accuracy", 0.3, 0.2, True, "r")
FAILED = GateDecision("top_100_accuracy", 0.1, 0.2, False, "top_100_accuracy is 0.1000")


def artifact(kind: type[types.Artifact], path: Path) -> types.Artifact:
    path.mkdir()
    created = kind()
    created.uri = str(path)
    return created


def run(folder: Path, decision: GateDecision, checked: bool) -> types.Artifact:
    metrics = artifact(Metrics, folder / "metrics")
    result.write(EvaluationResult({"top_100_accuracy": 0.3}, {}, [decision]), metrics)
    check = artifact(standard_artifacts.InfraBlessing, folder / "check")
    write_check(check.uri, ServingCheckResult((Check("scores", checked, "not finite"),)))
    output = artifact(Metrics, folder / "verdict")
    Executor().Do({"metrics": [metrics], "infra_blessing": [check]}, {"verdict": [output]}, {})
    return output


def test_do_of_an_accepted_model_writes_the_verdict(tmp_path: Path) -> None:
    output = run(tmp_path, PASSED, True)
    assert output.get_string_custom_property("verdict") == "passed"
    assert output.get_float_custom_property("top_100_accuracy") == 0.3
    assert output.get_float_custom_property("top_100_accuracy_threshold") == 0.2


def test_do_of_a_model_below_a_gate_raises_its_reason(tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match=r"not pushed: top_100_accuracy is 0\.1000$"):
        run(tmp_path, FAILED, True)


def test_do_of_a_model_that_serves_badly_raises_its_reason(tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match="scores: not finite"):
        run(tmp_path, PASSED, False)


def test_do_of_a_model_that_fails_both_names_the_gates_first(tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match=r"top_100_accuracy is 0\.1000; .*scores: not finite"):
        run(tmp_path, FAILED, False)

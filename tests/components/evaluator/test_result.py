"""Figures and decisions in one file and as what people see."""

from __future__ import annotations

import math
from pathlib import Path

from components.artifacts import Metrics
from components.evaluator import result
from components.evaluator.decisions import GateDecision

DECISION = GateDecision("top_100_accuracy", 0.1, 0.2, False, "too low")


def test_make_verdict_takes_what_gate_reads() -> None:
    found = result.make_verdict({"model": {"a": 1.0}, "slices": {"x": {}}}, [DECISION])
    assert (found.metrics, found.live, found.passed) == ({"a": 1.0}, {}, False)
    assert found.reasons == ["too low"]


def test_write_then_read(tmp_path: Path) -> None:
    artifact = Metrics()
    artifact.uri = str(tmp_path / "metrics")
    found = result.make_verdict({"model": {"top_1_accuracy": 0.5}, "live": {}}, [DECISION])
    result.write(found, artifact)
    assert result.read(artifact.uri) == found
    assert artifact.get_float_custom_property("top_1_accuracy") == 0.5
    assert artifact.get_string_custom_property("gate") == "refused: too low"


def test_shown_has_model_live_model_and_popularity() -> None:
    model = {"top_10_accuracy": 0.2, "popularity_top_10_accuracy": 0.1, "ndcg_at_10": 0.3}
    live = {"top_10_accuracy": 0.15, "popularity_top_10_accuracy": 0.1}
    # The live model's popularity is the model's: it is shown once. What people do not look at first
    # is in the file.
    assert result.shown(result.Verdict(model, live, [])) == {
        "gate": "passed",
        "top_10_accuracy": 0.2,
        "popularity_top_10_accuracy": 0.1,
        "live_top_10_accuracy": 0.15,
    }


def test_shown_leaves_out_what_is_not_finite() -> None:
    assert "top_1_accuracy" not in result.shown(result.Verdict({"top_1_accuracy": math.nan}))


def test_read_decision_without_a_value(tmp_path: Path) -> None:
    artifact = Metrics()
    artifact.uri = str(tmp_path)
    result.write(result.make_verdict({}, [DECISION._replace(value=None)]), artifact)
    assert result.read(artifact.uri).decisions[0]["value"] is None

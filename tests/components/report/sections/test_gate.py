from __future__ import annotations

import dataclasses

from components.evaluator.result import EvaluationResult, GateDecision
from components.report.facts import Facts
from components.report.page.blocks import Details, Mark, Note, Table
from components.report.sections import gate
from components.serving_check.result import failure


def test_decisions_have_verdict_threshold_and_interval(facts: Facts) -> None:
    table = gate.decisions(facts)
    passed = Mark("passed", True)
    assert table.rows == (
        ("top 100 accuracy", passed, "0.4000", "0.2200", "0.3000 to 0.5000"),
        ("top 100 accuracy, less the live model's", passed, "0.0500", "-0.0050", "–"),
    )


def test_decision_that_could_not_be_measured_is_refused(facts: Facts) -> None:
    decision = GateDecision(name="m", value=None, threshold=0.2, passed=False, reason="")
    table = gate.decisions(dataclasses.replace(facts, verdict=EvaluationResult({}, {}, [decision])))
    assert table.rows == (("m", Mark("refused", False), "–", "0.2000", "–"),)


def test_gate_without_live_model_says_so(facts: Facts) -> None:
    facts = with_metrics(facts, users=300.0)
    first = dataclasses.replace(facts, verdict=dataclasses.replace(facts.verdict, live={}))
    notes = [block.text for block in gate.gate(first).blocks if isinstance(block, Note)]
    assert any("Nothing is live yet" in text for text in notes)
    assert not any(isinstance(block, Note) for block in gate.gate(facts).blocks)


def test_gate_warns_of_few_users(facts: Facts) -> None:
    ends = {"gate_accuracy_ci_lower": 0.35, "gate_accuracy_ci_upper": 0.45}
    facts = with_metrics(facts, users=63.0, **ends)
    (note,) = [block for block in gate.gate(facts).blocks if isinstance(block, Note)]
    assert note.warning
    assert (
        "only 63 users have held-out interactions: top_100_accuracy is known to ±0.05" in note.text
    )
    assert "the upper end of a ratio" in gate.decisions(facts).note


def test_decisions_of_a_small_catalogue_say_which_k(facts: Facts) -> None:
    small = gate.decisions(with_metrics(facts, catalogue_size=120.0)).note
    assert "k = 10, as 100 is more than a tenth of the 120 movies" in small
    assert "k =" not in gate.decisions(with_metrics(facts, catalogue_size=1000.0)).note


def with_metrics(facts: Facts, **changes: float) -> Facts:
    metrics = {**facts.verdict.metrics, **changes}
    return dataclasses.replace(facts, verdict=dataclasses.replace(facts.verdict, metrics=metrics))


def test_serving_check_is_open_only_where_it_failed(facts: Facts) -> None:
    assert isinstance(gate.serving_check(facts.check), Details)
    assert isinstance(gate.serving_check(failure("load", "no file", 1.0)), Table)

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
    first = dataclasses.replace(facts, verdict=dataclasses.replace(facts.verdict, live={}))
    notes = [block.text for block in gate.gate(first).blocks if isinstance(block, Note)]
    assert any("Nothing is live yet" in text for text in notes)
    assert not any(isinstance(block, Note) for block in gate.gate(facts).blocks)


def test_serving_check_is_open_only_where_it_failed(facts: Facts) -> None:
    assert isinstance(gate.serving_check(facts.check), Details)
    assert isinstance(gate.serving_check(failure("load", "no file", 1.0)), Table)

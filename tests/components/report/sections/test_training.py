from __future__ import annotations

import dataclasses

from components.report.facts import Facts
from components.report.sections import training


def test_loss_chart_tells_first_and_last(facts: Facts) -> None:
    (figure,) = training.loss_chart(facts.history["epochs"])
    assert figure.alt == "Loss by epoch: from 7.500 to 6.500 in 2 epochs"


def test_top_k_charts_only_of_what_was_measured(facts: Facts) -> None:
    (figure,) = training.top_k_charts(facts.history["epochs"])
    assert figure.alt == "Top-k accuracy, unseen by epoch: top 100 40.0 to 40.0 %"


def test_training_without_validation_says_so(facts: Facts) -> None:
    history = {"epochs": [{"epoch": 1, "loss": 2.0}], "config": {}}
    section = training.training(dataclasses.replace(facts, history=history))
    assert any("No validation part" in getattr(block, "text", "") for block in section.blocks)


def test_training_of_no_epochs_has_no_charts(facts: Facts) -> None:
    section = training.training(dataclasses.replace(facts, history={"epochs": []}))
    assert [block.kind for block in section.blocks] == ["note", "details"]


def test_start_tells_what_a_warm_start_took_over_or_why_there_was_none() -> None:
    [warm] = training.start({"kind": "warm", "movies": 3625, "new_movies": 13, "users": 0})
    assert warm.text == "Warm start: 3,625 movies from the live model, 13 new."
    [cold] = training.start({"kind": "cold", "why": "another split"})
    assert cold.text == "No warm start: another split."
    assert training.start({"kind": "cold", "why": ""}) == []


def test_index_tells_what_a_query_is_compared_with() -> None:
    measured = {"partitions": 4000, "probes": 31, "recall": 0.9805, "share": 0.012}
    exact = {"kind": "exact", "precision": "float32"}
    assert training.index({}) == []
    [note] = training.index(exact)
    assert note.text == "Index: exact, a query is compared with the whole catalogue."
    [note] = training.index({**exact, "search": {**measured, "share": 0.4}})
    assert note.text.endswith("partitions would have to read 40.0 % of it.")
    [note] = training.index({"kind": "partitioned", "search": measured, "similar": measured})
    assert note.text.startswith("Index: approximate. A query looks into 31 of 4,000 partitions, ")
    assert "1.2 % of the movies, and found 98.0 %" in note.text

from __future__ import annotations

import dataclasses

from components.report.facts import Facts
from components.report.sections import slices


def test_by_feature_orders_buckets_as_numbers(facts: Facts) -> None:
    groups = slices.by_feature(facts.verdict.slices)
    assert list(groups) == ["activity", "gender"]
    assert list(groups["activity"]) == ["20-49", "100-199"]


def test_by_feature_takes_a_value_that_begins_with_no_number() -> None:
    assert list(slices.by_feature({"age=²": {}, "age=": {}, "age=7": {}})["age"]) == ["", "²", "7"]


def test_slice_table_has_interval_live_model_and_popularity(facts: Facts) -> None:
    table = slices.slice_table("activity", slices.by_feature(facts.verdict.slices)["activity"])
    assert table.rows[0] == (
        "20-49",
        "3",
        "6",
        "50.00 %",
        "0.4000 to 0.6000",
        "20.00 %",
        "20.00 %",
    )


def test_slices_of_users_without_features(facts: Facts) -> None:
    (note,) = slices.slices(
        dataclasses.replace(facts, verdict=dataclasses.replace(facts.verdict, slices={}))
    ).blocks
    assert "no features" in note.text

from __future__ import annotations

import dataclasses

from components.drift.result import Measure
from components.report.facts import Facts, Ratings
from components.report.page.blocks import Note, Table
from components.report.sections import data


def test_dropped_shows_reason_share_and_example(facts: Facts) -> None:
    (table,) = data.dropped(facts.summary)
    # 2 of 12 rows.
    assert table.rows == (("rating out of range", "2", "16.67 %", "ratings.dat:7: u1::m1::9"),)


def test_dropped_nothing_is_said() -> None:
    (note,) = data.dropped({"rows": 12, "dropped": {"reason": 0}})
    assert note == Note("No row was dropped of 12.")


def test_warnings_of_the_data_are_set_apart(facts: Facts) -> None:
    summary = {**facts.summary, "warnings": ["9 of 12 rows were left out"]}
    section = data.data(dataclasses.replace(facts, summary=summary))
    assert Note("Warning: 9 of 12 rows were left out", warning=True) in section.blocks
    assert data.warnings(facts.summary) == []


def test_anomalies_are_listed_and_their_absence_is_said() -> None:
    table = data.anomalies(["train/age: new value"], "")
    assert isinstance(table, Table)
    assert table.rows == (("train/age: new value",),)
    assert "no anomalies" in data.anomalies([], "").text
    assert data.anomalies(None, "no file").warning


def test_histogram_orders_values_as_numbers(facts: Facts) -> None:
    (figure,) = data.histogram(facts.summary)
    # 4, 5 and 1 of 10 ratings; as text "10" would come first.
    assert figure.alt == "Share of each rating: 4: 40.0 %, 5: 50.0 %, 10: 10.0 %"


def test_histogram_of_data_without_values_is_none() -> None:
    assert data.histogram({"rating_histogram": {}}) == []


def test_share_of_top_tenth() -> None:
    # The greatest of ten numbers, 11 of 20.
    assert data.share_of_top([11, *[1] * 9], 0.1) == 0.55


def test_spread_table_counts_unrated_movies(facts: Facts) -> None:
    of_users, of_movies = data.spread_table(facts.ratings).rows
    assert of_users[1:6] == ("1", "1", "2", "3", "3")
    assert of_movies[1] == "0"  # m4 has no rating


def test_long_tail_of_one_movie() -> None:
    figure = data.long_tail(Ratings(["u"], [1], {"m": 1}, {}))
    assert "100.0 %" in figure.alt


def test_data_without_ratings_has_no_tail(facts: Facts) -> None:
    section = data.data(dataclasses.replace(facts, ratings=Ratings([], [], {}, {})))
    assert section.blocks


def test_drift_is_a_table_of_measures_and_nothing_without_a_live_model() -> None:
    measures = [Measure("share of new users", 0.6, 0.5), Measure("rating", 0.01, 0.1)]
    [table] = data.drift(measures)
    assert table.rows == (
        ("share of new users", "0.600", "0.5", "drifted"),
        ("rating", "0.010", "0.1", "as before"),
    )
    assert data.drift([]) == data.drift(None) == []

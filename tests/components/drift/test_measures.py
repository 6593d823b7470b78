from __future__ import annotations

import math

import pandas as pd
import pytest
import tensorflow_data_validation as tfdv
from google.protobuf import text_format
from tensorflow_metadata.proto.v0 import schema_pb2, statistics_pb2

import schemas
from components.drift.measures import distances, share_of_new
from components.drift.result import Measure

SCHEMA = text_format.Parse(
    """
    feature { name: "kind" type: BYTES
              drift_comparator { infinity_norm { threshold: 0.2 } } }
    feature { name: "movie_id" type: BYTES
              drift_comparator { jensen_shannon_divergence { threshold: 0.1 } } }
    feature { name: "other" type: BYTES }
    """,
    schema_pb2.Schema(),
)


def statistics(kinds: str, movies: str) -> statistics_pb2.DatasetFeatureStatisticsList:
    frame = pd.DataFrame(
        {"kind": list(kinds), "movie_id": list(movies), "other": [*"x" * len(kinds)]}
    )
    return tfdv.generate_statistics_from_dataframe(frame)


def test_distances_are_those_of_the_schema() -> None:
    actual = {
        measure.name: measure
        for measure in distances(statistics("aabb", "mmmm"), statistics("aaab", "mmnn"), SCHEMA)
    }
    # kind: a has the shares 2/4 and 3/4.
    # movie_id: (1, 0) against (1/2, 1/2); their mean is (3/4, 1/4).
    half_to_mean = 0.5 * math.log2(0.5 / 0.75) + 0.5 * math.log2(0.5 / 0.25)
    divergence = (math.log2(1 / 0.75) + half_to_mean) / 2
    assert set(actual) == {"kind: L-infinity distance", "movie_id: Jensen-Shannon divergence"}
    assert actual["kind: L-infinity distance"].value == pytest.approx(0.25)
    assert actual["movie_id: Jensen-Shannon divergence"].value == pytest.approx(
        divergence, abs=1e-6
    )
    assert all(measure.drifted for measure in actual.values())


def test_the_same_data_have_not_drifted() -> None:
    same = statistics("aabb", "mmnn")
    actual = distances(same, same, SCHEMA)
    assert [measure.value for measure in actual] == [0, 0]
    assert not any(measure.drifted for measure in actual)


def test_the_curated_schema_compares_what_a_person_would_look_at() -> None:
    schema = text_format.Parse(schemas.INTERACTIONS.read_text(), schema_pb2.Schema())
    compared = {f.name for f in schema.feature if f.HasField("drift_comparator")}
    assert compared == {"movie_id", "rating", "gender"}


def test_share_of_new_counts_each_id_once() -> None:
    assert share_of_new([b"a", b"b", b"c", b"c"], [b"a", b"z"]) == pytest.approx(2 / 3)
    assert share_of_new([], [b"a"]) == 0


def test_drift_begins_above_the_threshold() -> None:
    assert not Measure("m", 0.5, 0.5).drifted
    assert str(Measure("m", 0.75, 0.5)) == "m is 0.750, more than 0.5"

"""The schema of the user Examples, on Examples as ExampleGen writes them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
import tensorflow_data_validation as tfdv
from tensorflow_metadata.proto.v0 import statistics_pb2
from tensorflow_transform.tf_metadata import schema_utils

import schemas
from components.contracts.examples import WEIGHT
from components.drift.measures import distances
from components.example_gen.users.examples import user_examples
from components.example_gen.users.interactions import Interactions

SCHEMA = tfdv.load_schema_text(str(schemas.INTERACTIONS))


def statistics(
    folder: Path, weight: list[float] | None
) -> statistics_pb2.DatasetFeatureStatisticsList:
    """Returns the statistics of two users with two interactions each."""
    data = Interactions(
        ["a", "b"],
        ["1", "2"],
        np.array([0, 0, 1, 1]),
        np.array([0, 1, 0, 1]),
        np.array([5, 4, 3, 2], np.float32),
        np.array([1, 2, 1, 2]),
        None if weight is None else np.array(weight, np.float32),
    )
    path = str(folder / f"{len(list(folder.iterdir()))}.tfrecord")
    with tf.io.TFRecordWriter(path) as writer:
        for train, _ in user_examples(data, np.zeros(4, bool), {}):
            writer.write(train)
    return tfdv.generate_statistics_from_tfrecord(path)


def anomalies(folder: Path, weight: list[float] | None) -> dict[str, str]:
    found = tfdv.validate_statistics(statistics(folder, weight), SCHEMA).anomaly_info
    return {name: info.description for name, info in found.items()}


@pytest.mark.parametrize("weight", [None, [1.0, 5.0, 0.001, 1e6]])
def test_schema_takes_data_with_and_without_weights(
    tmp_path: Path, weight: list[float] | None
) -> None:
    assert anomalies(tmp_path, weight) == {}


@pytest.mark.parametrize("bad", [0.0, -1.0, float("nan"), float("inf")])
def test_schema_refuses_weights_that_are_no_positive_numbers(tmp_path: Path, bad: float) -> None:
    assert set(anomalies(tmp_path, [1.0, bad, 1.0, 1.0])) == {WEIGHT}


@pytest.mark.parametrize("today", [None, [1.0, 5.0, 1.0, 1.0]])
@pytest.mark.parametrize("before", [None, [1.0, 1.0, 1.0, 1.0]])
def test_drift_compares_data_whether_or_not_they_have_weights(
    tmp_path: Path, today: list[float] | None, before: list[float] | None
) -> None:
    measures = distances(statistics(tmp_path, today), statistics(tmp_path, before), SCHEMA)
    # Movies and ratings are the same.
    assert {measure.name.split(":")[0] for measure in measures} == {"movie_id", "rating"}
    assert not [measure for measure in measures if measure.value]


def test_schema_makes_weights_an_optional_list() -> None:
    spec = schema_utils.schema_as_feature_spec(SCHEMA).feature_spec
    assert spec[WEIGHT] == tf.io.VarLenFeature(tf.float32)

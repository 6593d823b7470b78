"""Data that does not follow the schema stops the run."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import tensorflow_data_validation as tfdv
from google.protobuf import text_format
from tensorflow_metadata.proto.v0 import schema_pb2
from tfx.types import standard_artifacts

import schemas
from components.errors import DataError
from components.example_validator.executor import Executor, read_anomalies

SCHEMA = """
feature { name: "gender" type: BYTES domain: "gender" presence { min_fraction: 1.0 } }
feature { name: "rating" type: FLOAT float_domain { min: 0.0 max: 5.0 } }
string_domain { name: "gender" value: "F" value: "M" }
"""


def _validate(
    folder: Path, *user_features: str, **columns: list[object]
) -> standard_artifacts.ExampleAnomalies:
    """Runs the executor on the statistics of the same rows in train and eval.

    Args:
        folder: Where to write.
        *user_features: Those that the model uses.
        **columns: The rows.

    Returns:
        The artifact that it wrote.
    """
    import pandas as pd

    statistics = standard_artifacts.ExampleStatistics()
    statistics.uri, statistics.split_names = str(folder / "statistics"), '["train", "eval"]'
    computed = tfdv.generate_statistics_from_dataframe(pd.DataFrame(columns), n_jobs=1)
    for split in ("train", "eval"):
        path = folder / "statistics" / f"Split-{split}" / "FeatureStats.pb"
        path.parent.mkdir(parents=True)
        path.write_bytes(computed.SerializeToString())
    schema = standard_artifacts.Schema()
    schema.uri = str(folder / "schema")
    (folder / "schema").mkdir()
    tfdv.write_schema_text(
        text_format.Parse(SCHEMA, schema_pb2.Schema()), f"{schema.uri}/schema.pbtxt"
    )
    anomalies = standard_artifacts.ExampleAnomalies()
    anomalies.uri = str(folder / "anomalies")
    inputs, outputs = {"statistics": [statistics], "schema": [schema]}, {"anomalies": [anomalies]}
    Executor().Do(inputs, outputs, {"user_features": json.dumps(user_features)})
    return anomalies


def test_executor_lets_good_data_pass(tmp_path: Path) -> None:
    _validate(tmp_path, gender=["F", "M"], rating=[1.0, 5.0])
    assert (tmp_path / "anomalies" / "Split-eval" / "SchemaDiff.pb").exists()


def test_executor_refuses_values_outside_their_domain(tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        _validate(tmp_path, "gender", gender=["F", "X"], rating=[1.0, 7.5])
    message = str(caught.value)
    assert "\n" not in message
    assert "X" in message
    assert "accepted for gender: F, M, or a schema with more values (schema.path)" in message
    for told in ("train/gender", "eval/gender", "train/rating", "7.5"):
        assert told in message


def test_executor_refuses_a_missing_feature(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="train/gender: ") as caught:
        _validate(tmp_path, "gender", rating=[1.0, 2.0])
    assert "accepted" not in str(caught.value)


def test_executor_records_what_an_unused_feature_has_and_goes_on(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    found = _validate(tmp_path, "age", gender=["0", "non-binary"], rating=[1.0, 5.0])
    by_split = read_anomalies(found)
    assert {split: set(anomalies.anomaly_info) for split, anomalies in by_split.items()} == {
        "train": {"gender"},
        "eval": {"gender"},
    }
    assert "in features that the model does not use: train/gender: " in caplog.text


def test_executor_an_unused_feature_may_be_missing(tmp_path: Path) -> None:
    _validate(tmp_path, rating=[1.0, 5.0])


def test_executor_refuses_the_rest_where_a_feature_is_unused(tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        _validate(tmp_path, gender=["F", "X"], rating=[1.0, 7.5])
    assert "train/rating" in str(caught.value)
    assert "gender" not in str(caught.value)


def test_curated_schema_takes_any_word_as_gender() -> None:
    curated = text_format.Parse(schemas.INTERACTIONS.read_text(), schema_pb2.Schema())
    assert [feature.domain for feature in curated.feature if feature.name == "gender"] == [""]

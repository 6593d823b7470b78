"""Data that does not follow the schema stops the run."""

from __future__ import annotations

from pathlib import Path

import pytest
import tensorflow_data_validation as tfdv
from google.protobuf import text_format
from tensorflow_metadata.proto.v0 import schema_pb2
from tfx.types import standard_artifacts

from components.errors import DataError
from components.example_validator.executor import Executor

SCHEMA = """
feature { name: "gender" type: BYTES domain: "gender" presence { min_fraction: 1.0 } }
feature { name: "rating" type: FLOAT float_domain { min: 0.0 max: 5.0 } }
string_domain { name: "gender" value: "F" value: "M" }
"""


def _validate(folder: Path, **columns: list[object]) -> None:
    """Runs the executor on the statistics of the same rows in train and eval."""
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
    Executor().Do({"statistics": [statistics], "schema": [schema]}, {"anomalies": [anomalies]}, {})


def test_executor_lets_good_data_pass(tmp_path: Path) -> None:
    _validate(tmp_path, gender=["F", "M"], rating=[1.0, 5.0])
    assert (tmp_path / "anomalies" / "Split-eval" / "SchemaDiff.pb").exists()


def test_executor_refuses_values_outside_their_domain(tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        _validate(tmp_path, gender=["F", "X"], rating=[1.0, 7.5])
    message = str(caught.value)
    assert "\n" not in message
    for told in ("train/gender", "eval/gender", "train/rating", "7.5"):
        assert told in message


def test_executor_refuses_a_missing_feature(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="train/gender: "):
        _validate(tmp_path, rating=[1.0, 2.0])

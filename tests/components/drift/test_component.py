"""Drift on artifacts as the other components leave them."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
import tensorflow as tf
import tensorflow_data_validation as tfdv
from google.protobuf import text_format
from tensorflow_metadata.proto.v0 import schema_pb2
from tfx import types
from tfx.types import artifact_utils, standard_artifacts
from tfx.utils import io_utils

from components.artifacts import Metrics
from components.drift import result
from components.drift.component import Executor
from components.drift.config import DriftConfig
from components.drift.training_statistics import attach, detach
from components.errors import DataError
from components.live_model.artifact import ABSENT, mark_absent, mark_present

SCHEMA = text_format.Parse(
    """feature { name: "gender" type: BYTES
                 drift_comparator { infinity_norm { threshold: 0.1 } } }""",
    schema_pb2.Schema(),
)


def statistics_of(genders: str):
    return tfdv.generate_statistics_from_dataframe(pd.DataFrame({"gender": list(genders)}))


def example(user: str, *movies: str) -> bytes:
    created = tf.train.Example()
    created.features.feature["user_id"].bytes_list.value.append(user.encode())
    created.features.feature["movie_id"].bytes_list.value.extend(m.encode() for m in movies)
    return created.SerializeToString()


@pytest.fixture
def artifacts(tmp_path: Path) -> dict[str, list[types.Artifact]]:
    kinds = {
        "statistics": standard_artifacts.ExampleStatistics,
        "schema": standard_artifacts.Schema,
        "examples": standard_artifacts.Examples,
        "live_model": standard_artifacts.Model,
    }
    created = {}
    for key, kind in kinds.items():
        created[key] = kind()
        created[key].uri = str(tmp_path / key)
    created["statistics"].split_names = artifact_utils.encode_split_names(["train"])
    folder = Path(created["statistics"].uri) / "Split-train"
    folder.mkdir(parents=True)
    (folder / "FeatureStats.pb").write_bytes(statistics_of("FFMM").SerializeToString())
    created["examples"].split_names = artifact_utils.encode_split_names(["train", "eval"])
    folder = Path(created["examples"].uri) / "Split-train"
    folder.mkdir(parents=True)
    with tf.io.TFRecordWriter(str(folder / "data.gz"), "GZIP") as writer:
        for user, movies in (("1", "mn"), ("2", "m"), ("3", "n"), ("4", "m")):
            writer.write(example(user, *movies))
    io_utils.write_pbtxt_file(str(tmp_path / "schema" / "schema.pbtxt"), SCHEMA)
    model = Path(created["live_model"].uri) / "Format-Serving"
    (model / "assets").mkdir(parents=True)
    (model / "assets" / "user_id").write_bytes(b"1\n2\n3\n")
    (model / "assets" / "movie_id").write_bytes(b"n\nm\n")
    before = tmp_path / "before.pb"
    before.write_bytes(statistics_of("FFFM").SerializeToString())
    attach(str(model), str(before))
    mark_present(created["live_model"], "7")
    return {key: [artifact] for key, artifact in created.items()}


def run(artifacts: dict[str, list[types.Artifact]], folder: Path, **settings: object) -> list:
    output = Metrics()
    output.uri = str(folder / "drift")
    config = DriftConfig(**settings).to_json()
    Executor().Do(artifacts, {"drift": [output]}, {"config": config})
    return result.read(output.uri)


def test_do_measures_what_changed_since_the_live_model(artifacts, tmp_path: Path) -> None:
    actual = {measure.name: measure for measure in run(artifacts, tmp_path)}
    assert actual["share of new users"].value == pytest.approx(1 / 4)
    assert actual["share of new movies"].value == 0
    assert actual["gender: L-infinity distance"].value == pytest.approx(1 / 4)
    assert [name for name, measure in actual.items() if measure.drifted] == [
        "gender: L-infinity distance"
    ]


def test_do_compares_the_newest_span_where_there_are_several(artifacts, tmp_path: Path) -> None:
    newest = standard_artifacts.ExampleStatistics()
    newest.uri = str(tmp_path / "newest_statistics")
    newest.split_names = artifact_utils.encode_split_names(["train"])
    folder = Path(newest.uri) / "Split-train"
    folder.mkdir(parents=True)
    (folder / "FeatureStats.pb").write_bytes(statistics_of("MMMM").SerializeToString())
    artifacts["newest_statistics"] = [newest]
    artifacts["newest_examples"] = artifacts["examples"]
    actual = {measure.name: measure for measure in run(artifacts, tmp_path)}
    # FFFM before, MMMM in the newest span; FFMM in all that is read.
    assert actual["gender: L-infinity distance"].value == pytest.approx(3 / 4)


def test_do_compares_all_where_the_newest_span_is_absent(artifacts, tmp_path: Path) -> None:
    for name in ("newest_examples", "newest_statistics"):
        artifacts[name] = [standard_artifacts.Examples()]
        artifacts[name][0].set_int_custom_property(ABSENT, 1)
    actual = {measure.name: measure for measure in run(artifacts, tmp_path)}
    assert actual["gender: L-infinity distance"].value == pytest.approx(1 / 4)


def test_do_stops_where_it_is_told_to(artifacts, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"gender: L-infinity distance is 0\.250, more than 0\.1"):
        run(artifacts, tmp_path, action="stop")


def test_do_stops_for_drift_only(artifacts, tmp_path: Path) -> None:
    schema = Path(artifacts["schema"][0].uri) / "schema.pbtxt"
    schema.write_text(schema.read_text().replace("0.1", "0.3"))
    assert run(artifacts, tmp_path, action="stop")
    with pytest.raises(DataError, match=r"share of new users is 0\.250, more than 0\.2"):
        run(artifacts, tmp_path, action="stop", max_new_user_share=0.2)


def test_do_measures_nothing_where_nothing_is_live(artifacts, tmp_path: Path) -> None:
    mark_absent(artifacts["live_model"][0])
    assert run(artifacts, tmp_path, action="stop") == []


def test_do_measures_nothing_against_a_model_that_does_not_tell(artifacts, tmp_path: Path) -> None:
    model = Path(artifacts["live_model"][0].uri) / "Format-Serving"
    (model / "assets.extra" / "training_statistics.pb").unlink()
    assert detach(str(model)) is None
    assert run(artifacts, tmp_path, action="stop") == []


def test_warning_names_what_drifted() -> None:
    measures = [result.Measure("a", 0.5, 0.4), result.Measure("b", 0.1, 0.4)]
    text = result.warning(measures)
    assert "a is 0.500, more than 0.4" in text
    assert "b is" not in text
    assert result.warning(measures[1:]) == ""

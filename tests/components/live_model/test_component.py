"""LiveModel on folders in TensorFlow Serving's layout."""

from __future__ import annotations

from pathlib import Path

import pytest
import tensorflow as tf
from tfx import types
from tfx.types import standard_artifacts
from tfx.utils import path_utils

from components.errors import ConfigError
from components.live_model import artifact
from components.live_model.component import AUTO, Executor, LiveModel, resolve
from tests.components.served_versions.test_versions import write_version


class Doubler(tf.Module):
    """A model with one variable and a signature of any name."""

    def __init__(self) -> None:
        super().__init__()
        self.factor = tf.Variable(2.0)

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="examples")])
    def answer(self, examples: tf.Tensor) -> tf.Tensor:
        return self.factor * tf.cast(tf.strings.length(examples), tf.float32)


def push(folder: Path, version: str, signature: str = "serving_examples") -> Path:
    model = Doubler()
    tf.saved_model.save(model, str(folder / version), signatures={signature: model.answer})
    return folder / version


def run(destination: Path, version: str, uri: Path) -> types.Artifact:
    model = standard_artifacts.Model()
    model.uri = str(uri)
    Executor().Do({}, {"model": [model]}, {"destination": str(destination), "version": version})
    return model


def test_executor_copies_the_version_as_a_model_of_tfx(tmp_path: Path) -> None:
    push(tmp_path / "serving", "7")
    model = run(tmp_path / "serving", "7", tmp_path / "out")
    assert not artifact.is_absent(model)
    assert model.get_string_custom_property(artifact.VERSION) == "7"
    loaded = tf.saved_model.load(path_utils.serving_model_dir(model.uri))
    answer = loaded.signatures["serving_examples"](tf.constant([b"abc"]))
    assert next(iter(answer.values())).numpy().tolist() == [6.0]


def test_executor_nothing_live_is_marked_absent(tmp_path: Path) -> None:
    model = run(tmp_path / "serving", "", tmp_path / "out")
    assert artifact.is_absent(model)
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["ABSENT"]


def test_executor_auto_takes_the_newest_complete_version(tmp_path: Path) -> None:
    push(tmp_path / "serving", "7")
    (tmp_path / "serving" / "8").mkdir()
    model = run(tmp_path / "serving", AUTO, tmp_path / "out")
    assert model.get_string_custom_property(artifact.VERSION) == "7"
    assert artifact.is_absent(run(tmp_path / "empty", AUTO, tmp_path / "none"))


def test_executor_model_that_is_not_ours_is_refused(tmp_path: Path) -> None:
    push(tmp_path / "serving", "7", signature="predict")
    with pytest.raises(ConfigError, match=r"no signature serving_examples.*predict"):
        run(tmp_path / "serving", "7", tmp_path / "out")


def test_resolve_version_that_is_gone_names_the_newest(tmp_path: Path) -> None:
    write_version(tmp_path, "7")
    with pytest.raises(ConfigError, match=r"8 is not a complete version.*newest complete .* is 7"):
        resolve(tmp_path, "8")
    with pytest.raises(ConfigError, match="there is none"):
        resolve(tmp_path / "none", "../7")


def test_component_version_is_part_of_what_is_cached(tmp_path: Path) -> None:
    component = LiveModel(destination=str(tmp_path), version="7")
    assert component.exec_properties == {"destination": str(tmp_path), "version": "7"}
    assert component.outputs["model"].type is standard_artifacts.Model

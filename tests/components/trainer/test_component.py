from __future__ import annotations

import json
from pathlib import Path

import pytest
from tfx import types
from tfx.types import artifact_utils, channel_utils, standard_artifacts
from tfx.utils import path_utils

from components.errors import ConfigError, DataError
from components.trainer import train as train_module
from components.trainer.component import Executor, TwoTowerTrainer
from components.trainer.config import TrainerSettings
from tests.components.trainer.synthetic import World

CONFIG = TrainerSettings(embedding_dim=4, epochs=1, batch_size=80)
Artifacts = dict[str, list[types.Artifact]]


def artifact(kind: type[types.Artifact], uri: Path, *splits: str) -> list[types.Artifact]:
    result = kind()
    result.uri = str(uri)
    if splits:
        result.split_names = artifact_utils.encode_split_names(list(splits))
    return [result]


def inputs(world: World) -> Artifacts:
    return {
        "examples": artifact(standard_artifacts.Examples, world.folder / "examples", "train"),
        "movies": artifact(standard_artifacts.Examples, world.folder / "movies", "movies"),
        "transform_graph": artifact(standard_artifacts.TransformGraph, world.folder / "transform"),
    }


def outputs(folder: Path) -> Artifacts:
    return {
        "model": artifact(standard_artifacts.Model, folder / "model"),
        "model_run": artifact(standard_artifacts.ModelRun, folder / "run"),
    }


def test_executor_writes_model_and_run_with_tuned_settings(world: World, tmp_path: Path) -> None:
    (tmp_path / "tuned").mkdir()
    tuned = {"space": [], "values": {"embedding_dim": 6}}
    (tmp_path / "tuned" / "best_hyperparameters.txt").write_text(json.dumps(tuned))
    given = inputs(world) | {
        "hyperparameters": artifact(standard_artifacts.HyperParameters, tmp_path / "tuned")
    }
    Executor().Do(given, outputs(tmp_path), {"config": CONFIG.to_json()})
    model = Path(path_utils.serving_model_path(str(tmp_path / "model")))
    assert model.name == "Format-Serving"
    assert (model / "saved_model.pb").exists()
    history = json.loads((tmp_path / "run" / "history.json").read_text())
    assert history["config"]["embedding_dim"] == 6
    assert len(history["epochs"]) == 1


def test_executor_refuses_a_split_without_files(world: World, tmp_path: Path) -> None:
    given = inputs(world) | {
        "movies": artifact(standard_artifacts.Examples, tmp_path / "movies", "movies")
    }
    with pytest.raises(DataError, match="no file in the split movies"):
        Executor().Do(given, outputs(tmp_path), {"config": CONFIG.to_json()})


def test_executor_refuses_a_training_that_does_not_fit_the_memory(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(train_module, "available_memory", lambda: 1 << 20)
    with pytest.raises(ConfigError, match=r"needs 0\.3 GiB of memory, most of it for the exported"):
        Executor().Do(inputs(world), outputs(tmp_path), {"config": CONFIG.to_json()})


@pytest.mark.parametrize("optional", [[], ["base_model", "hyperparameters"]])
def test_component_takes_its_inputs_and_config(
    optional: list[str], world: World, tmp_path: Path
) -> None:
    kinds = {
        "base_model": standard_artifacts.Model,
        "hyperparameters": standard_artifacts.HyperParameters,
    }
    given = inputs(world) | {name: artifact(kinds[name], tmp_path) for name in optional}
    channels = {name: channel_utils.as_channel(value) for name, value in given.items()}
    component = TwoTowerTrainer(config=CONFIG, **channels)
    assert set(component.inputs) == set(given)
    assert set(component.outputs) == {"model", "model_run"}
    assert TrainerSettings.model_validate_json(component.exec_properties["config"]) == CONFIG

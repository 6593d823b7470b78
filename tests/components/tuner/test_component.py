from __future__ import annotations

import json
from pathlib import Path

from tfx.dsl.components.base import base_executor
from tfx.types import channel_utils, standard_artifacts

from components.trainer.config import TrainerSettings
from components.trainer.hyperparameters import with_hyperparameters
from components.tuner.component import Executor, TwoTowerTuner
from components.tuner.config import TunerConfig
from tests.components.trainer.synthetic import World
from tests.components.trainer.test_component import artifact, inputs

TRAINER = TrainerSettings(embedding_dim=4, epochs=2, batch_size=80, learning_rate=0.0)
# With a learning rate of 0 nothing is learned; with .05 the blocks begin to show.
TUNER = TunerConfig(
    trials=2,
    space={"learning_rate": (0.05,)},
    objective="unseen_top_10_accuracy",
    validation_users=1.0,
)


def test_executor_finds_settings_that_the_trainer_takes(world: World, tmp_path: Path) -> None:
    given = inputs(world)
    outputs = {
        "best_hyperparameters": artifact(standard_artifacts.HyperParameters, tmp_path / "best"),
        "tuner_results": artifact(standard_artifacts.TunerResults, tmp_path / "results"),
    }
    context = base_executor.BaseExecutor.Context(tmp_dir=str(tmp_path / "tmp"), unique_id="1")
    parameters = {"trainer_config": TRAINER.to_json(), "tuner_config": TUNER.to_json()}
    Executor(context).Do(given, outputs, parameters)
    (best,) = (tmp_path / "best").iterdir()
    assert with_hyperparameters(TRAINER, best.read_text()).learning_rate == 0.05
    document = json.loads((tmp_path / "results" / "trials.json").read_text())
    assert document["best"] == 2
    untrained, trained = document["trials"]
    assert untrained["values"] == {"learning_rate": 0.0}
    assert trained["score"] > untrained["score"]
    assert trained["score"] == trained["figures"]["val_unseen_top_10_accuracy"]


def test_component_takes_the_catalogue_and_both_settings(world: World) -> None:
    given = inputs(world)
    channels = {name: channel_utils.as_channel(value) for name, value in given.items()}
    component = TwoTowerTuner(trainer_config=TRAINER, tuner_config=TUNER, **channels)
    assert set(component.inputs) == {"examples", "movies", "transform_graph"}
    assert TunerConfig.model_validate_json(component.exec_properties["tuner_config"]) == TUNER
    assert (
        TrainerSettings.model_validate_json(component.exec_properties["trainer_config"]) == TRAINER
    )

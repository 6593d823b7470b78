"""The Tuner component: artifacts to files and back."""

from __future__ import annotations

import os
from typing import Any

from tfx.types import standard_artifacts
from tfx.utils import io_utils

from components import component
from components.component import Artifacts
from components.contracts.example_artifacts import read_split_config, split_files
from components.contracts.examples import MOVIES, TRAIN
from components.trainer.config import TrainerSettings
from components.tuner.config import TunerConfig
from components.tuner.trials import TRIALS_FILE


class Executor(component.Executor):
    """Searches; writes the outputs of TFX's Tuner, and all trials in a file beside them."""

    def run(self, inputs: Artifacts, outputs: Artifacts, properties: dict[str, Any]) -> None:
        """Tunes on the split train of the examples."""
        # KerasTuner imports Keras 3, which takes seconds.
        from tfx.components.tuner import executor as stock

        from components.tuner.tune import trials_json, tune

        tuner = TunerConfig.model_validate_json(properties["tuner_config"])
        search = tune(
            example_files=split_files(inputs["examples"], TRAIN),
            movie_files=split_files(inputs["movies"], MOVIES),
            transform_graph=inputs.uri("transform_graph"),
            directory=self._get_tmp_dir(),
            trainer=TrainerSettings.model_validate_json(properties["trainer_config"]),
            tuner=tuner,
            split=read_split_config(inputs.one("examples")),
        )
        stock.write_best_hyperparameters(search, outputs)
        path = os.path.join(outputs.uri("tuner_results"), TRIALS_FILE)
        io_utils.write_string_file(path, trials_json(search, tuner))


class TwoTowerTuner(component.Component):
    """Finds settings of the Trainer with KerasTuner, on a validation part of train.

    TFX's own Tuner has no input for the movie catalogue, which the validation ranks, and needs a
    user module. The outputs are the same.

    Inputs:
        examples: Examples with the split train, one Example per user.
        movies: Examples of the movie catalogue.
        transform_graph: Transform's analysis of the split train.

    Parameters:
        trainer_config: TrainerSettings, the first trial.
        tuner_config: TunerConfig.
    """

    EXECUTOR = Executor
    INPUTS = {
        "examples": standard_artifacts.Examples,
        "movies": standard_artifacts.Examples,
        "transform_graph": standard_artifacts.TransformGraph,
    }
    OUTPUTS = {
        "best_hyperparameters": standard_artifacts.HyperParameters,
        "tuner_results": standard_artifacts.TunerResults,
    }
    PARAMETERS = ("trainer_config", "tuner_config")

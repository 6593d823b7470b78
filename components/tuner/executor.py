"""Executor of the Tuner: artifacts to files and back."""

from __future__ import annotations

import os
from typing import Any

from tfx import types
from tfx.dsl.components.base import base_executor
from tfx.types import artifact_utils
from tfx.utils import io_utils

from components.contracts.example_artifacts import split_files
from components.contracts.examples import MOVIES, TRAIN
from components.trainer.config import TrainerConfig
from components.tuner.config import TunerConfig

EXAMPLES_KEY = "examples"
MOVIES_KEY = "movies"
TRANSFORM_GRAPH_KEY = "transform_graph"
TRAINER_CONFIG_KEY = "trainer_config"
TUNER_CONFIG_KEY = "tuner_config"
BEST_KEY = "best_hyperparameters"
RESULTS_KEY = "tuner_results"
TRIALS_FILE = "trials.json"


class Executor(base_executor.BaseExecutor):
    """Searches; writes the outputs of TFX's Tuner, and all trials in a file beside them."""

    def Do(
        self,
        input_dict: dict[str, list[types.Artifact]],
        output_dict: dict[str, list[types.Artifact]],
        exec_properties: dict[str, Any],
    ) -> None:
        """Tunes on the split train of the examples.

        Args:
            input_dict: examples, movies, transform_graph.
            output_dict: best_hyperparameters, tuner_results.
            exec_properties: trainer_config and tuner_config as JSON.
        """
        # KerasTuner imports Keras 3, which takes seconds.
        from tfx.components.tuner import executor as stock

        from components.tuner.tune import trials_json, tune

        self._log_startup(input_dict, output_dict, exec_properties)
        tuner = TunerConfig.model_validate_json(exec_properties[TUNER_CONFIG_KEY])
        search = tune(
            example_files=split_files(input_dict[EXAMPLES_KEY], TRAIN),
            movie_files=split_files(input_dict[MOVIES_KEY], MOVIES),
            transform_graph=artifact_utils.get_single_uri(input_dict[TRANSFORM_GRAPH_KEY]),
            directory=self._get_tmp_dir(),
            trainer=TrainerConfig.model_validate_json(exec_properties[TRAINER_CONFIG_KEY]),
            tuner=tuner,
        )
        stock.write_best_hyperparameters(search, output_dict)
        folder = artifact_utils.get_single_uri(output_dict[RESULTS_KEY])
        io_utils.write_string_file(os.path.join(folder, TRIALS_FILE), trials_json(search, tuner))

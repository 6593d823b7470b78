"""Executor of the Trainer: artifacts to files and back."""

from __future__ import annotations

from typing import Any

from tfx import types
from tfx.dsl.components.base import base_executor
from tfx.types import artifact_utils
from tfx.utils import io_utils, path_utils

from components.contracts.example_artifacts import read_split_config, required_split_files
from components.contracts.examples import MOVIES, TRAIN
from components.drift.training_statistics import attach
from components.live_model.artifact import is_absent
from components.trainer.config import TrainerConfig
from components.trainer.hyperparameters import with_hyperparameters
from components.trainer.train import train

EXAMPLES_KEY = "examples"
MOVIES_KEY = "movies"
TRANSFORM_GRAPH_KEY = "transform_graph"
BASE_MODEL_KEY = "base_model"
HYPERPARAMETERS_KEY = "hyperparameters"
STATISTICS_KEY = "statistics"
MODEL_KEY = "model"
MODEL_RUN_KEY = "model_run"
CONFIG_KEY = "config"


class Executor(base_executor.BaseExecutor):
    """Trains the two towers and exports the index model."""

    def Do(
        self,
        input_dict: dict[str, list[types.Artifact]],
        output_dict: dict[str, list[types.Artifact]],
        exec_properties: dict[str, Any],
    ) -> None:
        """Trains on the split train of the examples.

        Args:
            input_dict: examples, movies, transform_graph; where given base_model, hyperparameters
                and statistics.
            output_dict: model, model_run.
            exec_properties: config, the TrainerConfig as JSON.

        With base_model the training starts from it (see warm_start.py). The statistics are stored
        with the model, for a later run to compare its data with.
        """
        self._log_startup(input_dict, output_dict, exec_properties)
        config = TrainerConfig.model_validate_json(exec_properties[CONFIG_KEY])
        if input_dict.get(HYPERPARAMETERS_KEY):
            file = io_utils.get_only_uri_in_dir(_uri(input_dict, HYPERPARAMETERS_KEY))
            config = with_hyperparameters(config, io_utils.read_string_file(file))
        model_path = path_utils.serving_model_dir(_uri(output_dict, MODEL_KEY))
        train(
            example_files=required_split_files(input_dict[EXAMPLES_KEY], TRAIN),
            movie_files=required_split_files(input_dict[MOVIES_KEY], MOVIES),
            transform_graph=_uri(input_dict, TRANSFORM_GRAPH_KEY),
            model_path=model_path,
            run_path=_uri(output_dict, MODEL_RUN_KEY),
            config=config,
            split=read_split_config(artifact_utils.get_single_instance(input_dict[EXAMPLES_KEY])),
            base_model=_base_model(input_dict),
        )
        if input_dict.get(STATISTICS_KEY):
            attach(model_path, required_split_files(input_dict[STATISTICS_KEY], TRAIN)[0])


def _uri(artifacts: dict[str, list[types.Artifact]], key: str) -> str:
    return artifact_utils.get_single_uri(artifacts[key])


def _base_model(input_dict: dict[str, list[types.Artifact]]) -> str | None:
    """Returns the folder of the SavedModel to start from, if there is one."""
    models = input_dict.get(BASE_MODEL_KEY)
    if not models or is_absent(models[0]):
        return None
    return path_utils.serving_model_path(models[0].uri)

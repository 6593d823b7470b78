"""The Trainer component: artifacts to files and back."""

from __future__ import annotations

import os
from typing import Any

from tfx.types import standard_artifacts
from tfx.utils import io_utils, path_utils

from components import component
from components.component import Artifacts
from components.contracts.example_artifacts import read_split_config, required_split_files
from components.contracts.examples import MOVIES, TRAIN
from components.drift.training_statistics import attach
from components.live_model.artifact import if_present
from components.trainer.config import TrainerSettings
from components.trainer.fitting.strategy import refuse_cluster
from components.trainer.hyperparameters import with_hyperparameters
from components.trainer.train import train


class Executor(component.Executor):
    """Trains the two towers and exports the index model."""

    def run(self, inputs: Artifacts, outputs: Artifacts, properties: dict[str, Any]) -> None:
        """Trains on the split train of the examples.

        With a base model the training starts from it (see warm_start.py). The statistics are stored
        with the model, for a later run to compare its data with.
        """
        refuse_cluster(os.environ.get("TF_CONFIG"))
        settings = TrainerSettings.model_validate_json(properties["config"])
        if inputs.get("hyperparameters"):
            file = io_utils.get_only_uri_in_dir(inputs.uri("hyperparameters"))
            settings = with_hyperparameters(settings, io_utils.read_string_file(file))
        base = if_present(inputs.get("base_model"))
        model_path = path_utils.serving_model_dir(outputs.uri("model"))
        train(
            example_files=required_split_files(inputs["examples"], TRAIN),
            movie_files=required_split_files(inputs["movies"], MOVIES),
            transform_graph=inputs.uri("transform_graph"),
            model_path=model_path,
            run_path=outputs.uri("model_run"),
            settings=settings,
            split=read_split_config(inputs.one("examples")),
            base_model=path_utils.serving_model_path(base.uri) if base else None,
        )
        if inputs.get("statistics"):
            attach(model_path, required_split_files(inputs["statistics"], TRAIN)[0])


class TwoTowerTrainer(component.Component):
    """Trains a two-tower retrieval model and exports it with its index.

    TFX's own Trainer has no input for the movie catalogue, which must have lineage.

    Inputs:
        examples: Examples with the split train, one Example per user.
        movies: Examples of the movie catalogue.
        transform_graph: Transform's analysis of the split train.
        base_model: Optional: a model to start from; one that is marked as absent is none.
        hyperparameters: Optional: the best of a Tuner; they override the settings.
        statistics: Optional: statistics of the examples, to travel with the model.

    Parameters:
        config: TrainerSettings.
    """

    EXECUTOR = Executor
    INPUTS = {
        "examples": standard_artifacts.Examples,
        "movies": standard_artifacts.Examples,
        "transform_graph": standard_artifacts.TransformGraph,
    }
    OPTIONAL_INPUTS = {
        "base_model": standard_artifacts.Model,
        "hyperparameters": standard_artifacts.HyperParameters,
        "statistics": standard_artifacts.ExampleStatistics,
    }
    OUTPUTS = {"model": standard_artifacts.Model, "model_run": standard_artifacts.ModelRun}
    PARAMETERS = ("config",)

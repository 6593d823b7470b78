"""The Trainer component."""

from __future__ import annotations

from tfx.types import standard_artifacts

from components.component import Component
from components.trainer.executor import (
    BASE_MODEL_KEY,
    CONFIG_KEY,
    EXAMPLES_KEY,
    HYPERPARAMETERS_KEY,
    MODEL_KEY,
    MODEL_RUN_KEY,
    MOVIES_KEY,
    SCHEMA_KEY,
    STATISTICS_KEY,
    TRANSFORM_GRAPH_KEY,
    Executor,
)


class TwoTowerTrainer(Component):
    """Trains a two-tower retrieval model and exports it with its index.

    A component of ours, because the movie catalogue must reach the Trainer as an input with
    lineage, and TFX's Trainer has no input for it.

    Inputs:
        examples: Examples with the split train, one Example per user.
        movies: Examples of the movie catalogue.
        transform_graph: Transform's analysis of the split train.
        base_model: Optional: a model to start from; one that is marked as absent is none.
        hyperparameters: Optional: the best of a Tuner; they override the settings.
        statistics: Optional: statistics of the examples, to travel with the model.

    Parameters:
        config: TrainerConfig.
    """

    EXECUTOR = Executor
    INPUTS = {
        EXAMPLES_KEY: standard_artifacts.Examples,
        MOVIES_KEY: standard_artifacts.Examples,
        TRANSFORM_GRAPH_KEY: standard_artifacts.TransformGraph,
        SCHEMA_KEY: standard_artifacts.Schema,
    }
    OPTIONAL_INPUTS = {
        BASE_MODEL_KEY: standard_artifacts.Model,
        HYPERPARAMETERS_KEY: standard_artifacts.HyperParameters,
        STATISTICS_KEY: standard_artifacts.ExampleStatistics,
    }
    OUTPUTS = {
        MODEL_KEY: standard_artifacts.Model,
        MODEL_RUN_KEY: standard_artifacts.ModelRun,
    }
    PARAMETERS = (CONFIG_KEY,)

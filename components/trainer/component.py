"""The Trainer component."""

from __future__ import annotations

from tfx import types
from tfx.dsl.components.base import base_component, executor_spec
from tfx.types import component_spec, standard_artifacts

from components.trainer.config import TrainerConfig
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


class TwoTowerTrainerSpec(component_spec.ComponentSpec):
    """Examples, catalogue, transform graph and schema → model and model run."""

    PARAMETERS = {CONFIG_KEY: component_spec.ExecutionParameter(type=str)}
    INPUTS = {
        EXAMPLES_KEY: component_spec.ChannelParameter(type=standard_artifacts.Examples),
        MOVIES_KEY: component_spec.ChannelParameter(type=standard_artifacts.Examples),
        TRANSFORM_GRAPH_KEY: component_spec.ChannelParameter(
            type=standard_artifacts.TransformGraph
        ),
        SCHEMA_KEY: component_spec.ChannelParameter(type=standard_artifacts.Schema),
        BASE_MODEL_KEY: component_spec.ChannelParameter(
            type=standard_artifacts.Model, optional=True
        ),
        HYPERPARAMETERS_KEY: component_spec.ChannelParameter(
            type=standard_artifacts.HyperParameters, optional=True
        ),
        STATISTICS_KEY: component_spec.ChannelParameter(
            type=standard_artifacts.ExampleStatistics, optional=True
        ),
    }
    OUTPUTS = {
        MODEL_KEY: component_spec.ChannelParameter(type=standard_artifacts.Model),
        MODEL_RUN_KEY: component_spec.ChannelParameter(type=standard_artifacts.ModelRun),
    }


class TwoTowerTrainer(base_component.BaseComponent):
    """Trains a two-tower retrieval model and exports it with its index.

    A component of ours, because the movie catalogue must reach the Trainer as an input with
    lineage, and TFX's Trainer has no place for it.
    """

    SPEC_CLASS = TwoTowerTrainerSpec
    EXECUTOR_SPEC = executor_spec.ExecutorClassSpec(Executor)

    def __init__(
        self,
        examples: types.BaseChannel,
        movies: types.BaseChannel,
        transform_graph: types.BaseChannel,
        schema: types.BaseChannel,
        config: TrainerConfig,
        base_model: types.BaseChannel | None = None,
        hyperparameters: types.BaseChannel | None = None,
        statistics: types.BaseChannel | None = None,
    ) -> None:
        """Constructs the component.

        Args:
            examples: Examples with the split train, one Example per user.
            movies: Examples of the movie catalogue.
            transform_graph: What Transform made of the split train.
            schema: Schema of the examples.
            config: Settings.
            base_model: A model to start from; one that is marked as absent is none.
            hyperparameters: What a Tuner found; overrides the settings.
            statistics: Statistics of the examples, to travel with the model.
        """
        super().__init__(
            TwoTowerTrainerSpec(
                examples=examples,
                movies=movies,
                transform_graph=transform_graph,
                schema=schema,
                base_model=base_model,
                hyperparameters=hyperparameters,
                statistics=statistics,
                config=config.to_json(),
                model=types.Channel(type=standard_artifacts.Model),
                model_run=types.Channel(type=standard_artifacts.ModelRun),
            )
        )

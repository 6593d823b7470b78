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
    STATISTICS_KEY,
    TRANSFORM_GRAPH_KEY,
    Executor,
)


class TwoTowerTrainerSpec(component_spec.ComponentSpec):
    """Examples, catalogue and transform graph → model and model run."""

    PARAMETERS = {CONFIG_KEY: component_spec.ExecutionParameter(type=str)}
    INPUTS = {
        EXAMPLES_KEY: component_spec.ChannelParameter(type=standard_artifacts.Examples),
        MOVIES_KEY: component_spec.ChannelParameter(type=standard_artifacts.Examples),
        TRANSFORM_GRAPH_KEY: component_spec.ChannelParameter(
            type=standard_artifacts.TransformGraph
        ),
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

    TFX's own Trainer has no input for the movie catalogue, which must have lineage.
    """

    SPEC_CLASS = TwoTowerTrainerSpec
    EXECUTOR_SPEC = executor_spec.ExecutorClassSpec(Executor)

    def __init__(
        self,
        examples: types.BaseChannel,
        movies: types.BaseChannel,
        transform_graph: types.BaseChannel,
        config: TrainerConfig,
        base_model: types.BaseChannel | None = None,
        hyperparameters: types.BaseChannel | None = None,
        statistics: types.BaseChannel | None = None,
    ) -> None:
        """Constructs the component.

        Args:
            examples: Examples with the split train, one Example per user.
            movies: Examples of the movie catalogue.
            transform_graph: Output of Transform, analysed on the split train.
            config: Settings.
            base_model: A model to start from; one that is marked as absent is ignored.
            hyperparameters: Output of a Tuner; overrides the settings.
            statistics: Statistics of the examples, to be stored with the model.
        """
        super().__init__(
            TwoTowerTrainerSpec(
                examples=examples,
                movies=movies,
                transform_graph=transform_graph,
                base_model=base_model,
                hyperparameters=hyperparameters,
                statistics=statistics,
                config=config.to_json(),
                model=types.Channel(type=standard_artifacts.Model),
                model_run=types.Channel(type=standard_artifacts.ModelRun),
            )
        )

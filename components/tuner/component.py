"""The Tuner component."""

from __future__ import annotations

from tfx import types
from tfx.dsl.components.base import base_component, executor_spec
from tfx.types import component_spec, standard_artifacts

from components.trainer.config import TrainerConfig
from components.tuner.config import TunerConfig
from components.tuner.executor import (
    BEST_KEY,
    EXAMPLES_KEY,
    MOVIES_KEY,
    RESULTS_KEY,
    TRAINER_CONFIG_KEY,
    TRANSFORM_GRAPH_KEY,
    TUNER_CONFIG_KEY,
    Executor,
)


class TwoTowerTunerSpec(component_spec.ComponentSpec):
    """Examples, catalogue and transform graph → best hyperparameters and all trials."""

    PARAMETERS = {
        TRAINER_CONFIG_KEY: component_spec.ExecutionParameter(type=str),
        TUNER_CONFIG_KEY: component_spec.ExecutionParameter(type=str),
    }
    INPUTS = {
        EXAMPLES_KEY: component_spec.ChannelParameter(type=standard_artifacts.Examples),
        MOVIES_KEY: component_spec.ChannelParameter(type=standard_artifacts.Examples),
        TRANSFORM_GRAPH_KEY: component_spec.ChannelParameter(
            type=standard_artifacts.TransformGraph
        ),
    }
    OUTPUTS = {
        BEST_KEY: component_spec.ChannelParameter(type=standard_artifacts.HyperParameters),
        RESULTS_KEY: component_spec.ChannelParameter(type=standard_artifacts.TunerResults),
    }


class TwoTowerTuner(base_component.BaseComponent):
    """Searches settings of the Trainer with KerasTuner, on a validation part of train.

    TFX's own Tuner has no input for the movie catalogue, which validation ranks, and needs a user
    module. The outputs are the same.
    """

    SPEC_CLASS = TwoTowerTunerSpec
    EXECUTOR_SPEC = executor_spec.ExecutorClassSpec(Executor)

    def __init__(
        self,
        examples: types.BaseChannel,
        movies: types.BaseChannel,
        transform_graph: types.BaseChannel,
        trainer: TrainerConfig,
        tuner: TunerConfig,
    ) -> None:
        """Constructs the component.

        Args:
            examples: Examples with the split train, one Example per user.
            movies: Examples of the movie catalogue.
            transform_graph: Output of Transform, analysed on the split train.
            trainer: Settings of the Trainer, the first trial.
            tuner: Settings of the search.
        """
        super().__init__(
            TwoTowerTunerSpec(
                examples=examples,
                movies=movies,
                transform_graph=transform_graph,
                trainer_config=trainer.to_json(),
                tuner_config=tuner.to_json(),
                best_hyperparameters=types.Channel(type=standard_artifacts.HyperParameters),
                tuner_results=types.Channel(type=standard_artifacts.TunerResults),
            )
        )

"""The Tuner component."""

from __future__ import annotations

from tfx.types import standard_artifacts

from components.component import Component
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


class TwoTowerTuner(Component):
    """Finds settings of the Trainer with KerasTuner, on a validation part of train.

    TFX's Tuner, with the movie catalogue as an input and without a user module: validation ranks
    the whole catalogue, which TFX's own takes no input for. The outputs are the same.

    Inputs:
        examples: Examples with the split train, one Example per user.
        movies: Examples of the movie catalogue.
        transform_graph: Transform's analysis of the split train.

    Parameters:
        trainer_config: TrainerConfig, the first trial.
        tuner_config: TunerConfig.
    """

    EXECUTOR = Executor
    INPUTS = {
        EXAMPLES_KEY: standard_artifacts.Examples,
        MOVIES_KEY: standard_artifacts.Examples,
        TRANSFORM_GRAPH_KEY: standard_artifacts.TransformGraph,
    }
    OUTPUTS = {
        BEST_KEY: standard_artifacts.HyperParameters,
        RESULTS_KEY: standard_artifacts.TunerResults,
    }
    PARAMETERS = (TRAINER_CONFIG_KEY, TUNER_CONFIG_KEY)

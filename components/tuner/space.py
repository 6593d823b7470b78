"""The search space as KerasTuner has it."""

from __future__ import annotations

import keras_tuner

from components.trainer.config import TrainerConfig
from components.tuner.config import Range, Scalar


def search_space(space: dict[str, Range | tuple[Scalar, ...]]) -> keras_tuner.HyperParameters:
    """Returns the hyperparameters to vary, named as the Trainer's settings.

    Args:
        space: `tuner.space` of the settings.
    """
    hyperparameters = keras_tuner.HyperParameters()
    for name, values in space.items():
        if isinstance(values, Range):
            _add_range(hyperparameters, name, values)
        else:
            hyperparameters.Choice(name, list(values))
    return hyperparameters


def _add_range(hyperparameters: keras_tuner.HyperParameters, name: str, range_: Range) -> None:
    sampling = "log" if range_.log else "linear"
    if TrainerConfig.model_fields[name].annotation is int:
        hyperparameters.Int(name, int(range_.min), int(range_.max), sampling=sampling)
    else:
        hyperparameters.Float(name, range_.min, range_.max, sampling=sampling)

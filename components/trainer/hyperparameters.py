"""Applies the hyperparameters of a Tuner to the settings."""

from __future__ import annotations

import json

from pydantic import ValidationError

from components.config import key_of
from components.errors import ConfigError
from components.trainer.config import TrainerSettings


def with_hyperparameters(config: TrainerSettings, text: str) -> TrainerSettings:
    """Returns the settings with the values of a KerasTuner configuration.

    Args:
        config: Settings of the run.
        text: JSON of `HyperParameters.get_config()`: its `values` override equally named settings.

    Raises:
        ConfigError: It is no such JSON; a value is no setting of the Trainer, or out of its range.
    """
    try:
        values = dict(json.loads(text)["values"])
    except (ValueError, TypeError, KeyError, RecursionError):
        raise ConfigError("hyperparameters: not what a Tuner writes: no JSON with values") from None
    merged = {**config.model_dump(), **values}
    try:
        return TrainerSettings.model_validate(merged)
    except ValidationError as error:
        problem = error.errors()[0]
        key = key_of(problem["loc"], merged) or "settings"
        raise ConfigError(f"hyperparameters: {key}: {problem['msg']}") from error

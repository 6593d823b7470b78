"""Settings of the Tuner: number of trials, settings of the Trainer to vary, objective."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, field_validator, model_validator

from components.config import NotNegative, Positive, ProperShare, Section
from components.trainer.config import TrainerConfig

Scalar = bool | int | float | str


class Range(Section):
    """Numbers from `min` to `max`, both included."""

    min: float
    max: float
    log: bool = Field(False, description="Whether the logarithm is uniform, not the number.")

    @model_validator(mode="after")
    def _is_a_range(self) -> Range:
        if self.min >= self.max:
            raise ValueError(f"min={self.min} is not less than max={self.max}")
        if self.log and self.min <= 0:
            raise ValueError(f"log needs min above 0, got {self.min}")
        return self


# Setting of the Trainer → what is tried.
Space = dict[str, Range | tuple[Scalar, ...]]
DEFAULT_SPACE: Space = {
    "learning_rate": Range(min=0.004, max=0.025, log=True),
    "dropout": Range(min=0.4, max=0.8),
    "history_exponent": Range(min=0.6, max=1.0),
    "label_smoothing": Range(min=0.0, max=0.2),
    "linear_weight": Range(min=1.0, max=10.0, log=True),
}


class TunerConfig(Section):
    """Which settings of the Trainer are tried before it trains."""

    trials: NotNegative = Field(
        0, description="Trainings to try, the first with the settings as they are; 0: no Tuner."
    )
    space: Space = Field(
        DEFAULT_SPACE,
        description="What is varied: keys of trainer.*, each {min, max, log} or a list of values.",
    )
    objective: Literal[
        "unseen_top_100_accuracy",
        "unseen_top_10_accuracy",
        "top_100_accuracy",
        "top_10_accuracy",
    ] = Field("unseen_top_100_accuracy", description="Figure by which the best trial is selected.")
    validation_users: float = Field(
        0.25,
        gt=0,
        le=1,
        description="Share of users of whom part of train is kept for validation, in trials only.",
    )
    validation_fraction: ProperShare = Field(
        0.2, description="Share of such a user's train interactions that is kept."
    )
    seed: Positive = Field(1, description="Seed of the values that are tried.")
    best_from: str = Field(
        "",
        description="Folder of the HyperParameters of an earlier Tuner, for the Trainer to take "
        "without a search; set by --use-best.",
    )

    @field_validator("space")
    @classmethod
    def _check_space(cls, space: Space) -> Space:
        for key, values in space.items():
            if key not in TrainerConfig.model_fields:
                raise ValueError(f"trainer has no setting {key!r}")
            if isinstance(values, Range):
                if TrainerConfig.model_fields[key].annotation not in (int, float):
                    raise ValueError(f"trainer.{key} is no number: give a list of values")
            elif not values:
                raise ValueError(f"no values for {key}")
        return space

"""The search: one training for each trial, measured on a validation part of train.

KerasTuner's own `Tuner` accepts models of Keras 3 only (keras-tuner#1039), and ours are of
tf-keras. `BaseTuner` takes any function of the hyperparameters, so `run_trial` trains as the
Trainer does and returns the objective.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import keras_tuner
from keras_tuner import errors
from keras_tuner.engine import base_tuner
from pydantic import ValidationError

from components import progress
from components.errors import DataError
from components.trainer.config import TrainerConfig
from components.tuner.config import Range, Space, TunerConfig

# Settings → figures of the validation part by name, as in an epoch of history.json.
Train = Callable[[TrainerConfig], dict[str, float]]


@dataclass
class Trial:
    """One trial, as trials.json has it.

    Attributes:
        number: From 1, in the order they were tried.
        values: Settings of the Trainer that it tried.
        score: The objective; None where the trial failed.
        figures: All figures of the validation part.
        seconds: Its duration.
        failure: Why it failed, or empty.
    """

    number: int
    values: dict[str, Any]
    score: float | None = None
    figures: dict[str, float] = field(default_factory=dict)
    seconds: float = 0.0
    failure: str = ""


class ConfiguredFirst(keras_tuner.oracles.RandomSearchOracle):
    """Random search (Bergstra and Bengio, JMLR 2012) that tries the configured values first.

    So the best trial is never worse than the configured values on the validation part.
    """

    def __init__(self, configured: dict[str, Any], **arguments: Any) -> None:
        """Initializes the oracle with the values of the first trial."""
        super().__init__(**arguments)
        self._configured = configured

    def populate_space(self, trial_id: str) -> dict[str, Any]:
        """Returns the values of the next trial."""
        if not self.trials:
            return {
                "status": keras_tuner.engine.trial.TrialStatus.RUNNING,
                "values": dict(self._configured),
            }
        return super().populate_space(trial_id)


class SearchTuner(base_tuner.BaseTuner):
    """Runs the trials.

    Attributes:
        trials: The trials so far, with their results.
    """

    def __init__(
        self, train: Train, trainer: TrainerConfig, tuner: TunerConfig, directory: str
    ) -> None:
        """Initializes the search.

        Args:
            train: Trains with the settings it is given and returns validation figures.
            trainer: Settings as configured.
            tuner: Trials, space, objective, seed.
            directory: Folder for KerasTuner's own files.
        """
        self._train, self._trainer, self._settings = train, trainer, tuner
        self.trials: list[Trial] = []
        configured = {name: getattr(trainer, name) for name in tuner.space}
        oracle = ConfiguredFirst(
            configured,
            objective=keras_tuner.Objective(tuner.objective, "max"),
            max_trials=tuner.trials,
            hyperparameters=search_space(tuner.space),
            seed=tuner.seed,
        )
        super().__init__(oracle, directory=directory, project_name="search", overwrite=True)

    def run_trial(self, trial: Any, *_: Any, **__: Any) -> dict[str, float]:
        """Trains once; returns the objective.

        Raises:
            FailedTrialError: The settings refuse the values; the search goes on.
            FatalError: The training failed; the search ends.
        """
        result = Trial(len(self.trials) + 1, dict(trial.hyperparameters.values))
        self.trials.append(result)
        start = time.perf_counter()
        try:
            config = trial_settings(self._trainer, self._settings, result.values)
            with progress.part(result.number, self._settings.trials, self._headline(result)):
                result.figures = self._train(config)
            result.score = self._score(result.figures)
        except ValidationError as error:
            result.failure = error.errors()[0]["msg"]
            raise errors.FailedTrialError(result.failure) from error
        except Exception as error:  # KerasTuner would go on as if nothing had happened
            raise errors.FatalError(str(error)) from error
        finally:
            result.seconds = round(time.perf_counter() - start, 2)
            gc.collect()  # frees the model of the trial
        return {self._settings.objective: result.score}

    def best(self) -> Trial:
        """Returns the best trial.

        Raises:
            DataError: None ended well.
        """
        scored = [trial for trial in self.trials if trial.score is not None]
        if not scored:
            raise DataError("tuner: no trial ended well; widen tuner.space")
        return max(scored, key=lambda trial: trial.score or 0.0)

    def _headline(self, trial: Trial) -> str:
        scores = [other.score for other in self.trials if other.score is not None]
        best = f", best {max(scores):.4f}" if scores else ""
        return f"trial {trial.number}/{self._settings.trials}{best}"

    def _score(self, figures: dict[str, float]) -> float:
        name = f"val_{self._settings.objective}"
        if name not in figures:
            raise DataError(
                "tuner: no interaction of train was kept for validation; raise "
                "tuner.validation_users or tuner.validation_fraction"
            )
        return figures[name]


def search_space(space: Space) -> keras_tuner.HyperParameters:
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


def trial_settings(
    trainer: TrainerConfig, tuner: TunerConfig, values: dict[str, Any]
) -> TrainerConfig:
    """Returns the settings of a trial.

    Raises:
        ValidationError: The settings refuse the values.
    """
    changed = {
        "validation_users": tuner.validation_users,
        "validation_fraction": tuner.validation_fraction,
        **values,
    }
    config = TrainerConfig.model_validate({**trainer.model_dump(), **changed})
    return config.model_copy(update={"validate_every": config.epochs})

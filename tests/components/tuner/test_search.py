from __future__ import annotations

from pathlib import Path

import pytest
from keras_tuner import errors

from components import progress
from components.errors import DataError
from components.trainer.config import TrainerConfig
from components.tuner.config import Range, TunerConfig
from components.tuner.search import SearchTuner, search_space, trial_settings

TRAINER = TrainerConfig(dropout=0.9, epochs=4, holdout_max=0.4)
SPACE = {"dropout": Range(min=0.0, max=0.8), "embedding_dim": (8, 16, 32, 64)}
TUNER = TunerConfig(trials=6, space=SPACE, seed=3)


def figures(config: TrainerConfig) -> dict[str, float]:
    """The less dropout the better, as if trained."""
    return {"val_unseen_top_100_accuracy": 1.0 - config.dropout, "loss": config.dropout}


def search(folder: Path, tuner: TunerConfig = TUNER, trainer: TrainerConfig = TRAINER):
    result = SearchTuner(figures, trainer, tuner, str(folder))
    result.search(verbose=0)
    return result


def test_search_tries_the_configured_values_first_and_keeps_the_best(tmp_path: Path) -> None:
    result = search(tmp_path)
    assert [trial.number for trial in result.trials] == [1, 2, 3, 4, 5, 6]
    assert result.trials[0].values == {"dropout": 0.9, "embedding_dim": 256}
    least = min(trial.values["dropout"] for trial in result.trials)
    assert result.best().values["dropout"] == least < 0.9
    # What the Trainer is given is the same.
    assert result.get_best_hyperparameters()[0].values == result.best().values


def test_search_draws_within_the_space(tmp_path: Path) -> None:
    drawn = [trial.values for trial in search(tmp_path).trials[1:]]
    assert all(0.0 <= values["dropout"] <= 0.8 for values in drawn)
    assert {values["embedding_dim"] for values in drawn} <= {8, 16, 32, 64}


def test_search_same_seed_gives_the_same_values(tmp_path: Path) -> None:
    first, same = search(tmp_path / "a"), search(tmp_path / "b")
    other = search(tmp_path / "c", TUNER.model_copy(update={"seed": 4}))
    assert [trial.values for trial in first.trials] == [trial.values for trial in same.trials]
    assert [trial.values for trial in first.trials] != [trial.values for trial in other.trials]


def test_search_goes_on_after_values_that_do_not_go_together(tmp_path: Path) -> None:
    # holdout_max may not be below holdout_min, which is .3 here: .1 and .2 cannot be.
    trainer = TrainerConfig(holdout_min=0.3, holdout_max=0.4)
    tuner = TunerConfig(trials=3, space={"holdout_max": (0.1, 0.2)})
    result = search(tmp_path, tuner, trainer)
    assert [trial.score is None for trial in result.trials] == [False, True, True]
    assert "holdout_min" in result.trials[1].failure
    assert result.best().number == 1


def test_search_ends_where_training_fails(tmp_path: Path) -> None:
    def broken(config: TrainerConfig) -> dict[str, float]:
        raise MemoryError("no memory left")

    result = SearchTuner(broken, TRAINER, TUNER, str(tmp_path))
    with pytest.raises(errors.FatalError, match="no memory left"):
        result.search(verbose=0)


def test_search_says_that_nothing_was_kept_for_validation(tmp_path: Path) -> None:
    result = SearchTuner(lambda config: {"loss": 1.0}, TRAINER, TUNER, str(tmp_path))
    with pytest.raises(errors.FatalError) as raised:
        result.search(verbose=0)
    assert isinstance(raised.value.__cause__, DataError)


def test_search_reports_each_trial_as_a_part(tmp_path: Path) -> None:
    heard: list[tuple[int, int, str]] = []

    def train(config: TrainerConfig) -> dict[str, float]:
        progress.report(1, 2, "half")
        return figures(config)

    tuner = TUNER.model_copy(update={"trials": 2})
    with progress.listening(lambda *report: heard.append(report)):
        SearchTuner(train, TRAINER, tuner, str(tmp_path)).search(verbose=0)
    # 1 of 2 in the first of two trials is 1 of 4; in the second it is 3 of 4.
    assert [(done, total) for done, total, _ in heard] == [(1, 4), (3, 4)]
    assert heard[1][2] == "trial 2/2, best 0.1000: half"


def test_trial_settings_validate_once_on_the_trials_own_part() -> None:
    tuner = TunerConfig(validation_users=0.5, validation_fraction=0.3)
    result = trial_settings(TRAINER, tuner, {"epochs": 7})
    assert (result.epochs, result.validate_every) == (7, 7)
    assert (result.validation_users, result.validation_fraction) == (0.5, 0.3)
    assert result.dropout == TRAINER.dropout


def test_space_has_whole_numbers_where_the_setting_is_whole() -> None:
    result = search_space({"epochs": Range(min=2, max=5), "dropout": Range(min=0.1, max=0.2)})
    kinds = {parameter.name: type(parameter).__name__ for parameter in result.space}
    assert kinds == {"epochs": "Int", "dropout": "Float"}

"""Tunes: files in, trials out. TensorFlow and KerasTuner, no TFX."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict

import tensorflow as tf

from components.trainer.config import TrainerConfig, TrainerSettings
from components.trainer.fitting.fit import fit
from components.trainer.inputs.training_inputs import read_training_inputs
from components.trainer.planning.plan import planned_config
from components.tuner.config import TunerConfig
from components.tuner.search import SearchTuner


def tune(
    example_files: Sequence[str],
    movie_files: Sequence[str],
    transform_graph: str,
    directory: str,
    trainer: TrainerSettings,
    tuner: TunerConfig,
    split: str = "",
) -> SearchTuner:
    """Runs all trials; the data are read once.

    Args:
        example_files: Gzip TFRecords of the train split's user Examples.
        movie_files: Gzip TFRecords of the movie Examples.
        transform_graph: Folder that Transform wrote.
        directory: Folder for KerasTuner's own files.
        trainer: Settings as configured; what is "auto" is chosen for the data, once for all trials.
        tuner: Trials, space, objective, seed.
        split: The split of the data whose train part the files are, as JSON of the settings.

    Raises:
        DataError: There is nothing to train on or to validate with, or no trial ended well.
    """
    inputs = read_training_inputs(example_files, movie_files, transform_graph)
    config = planned_config(trainer, inputs, split)

    def train(config: TrainerConfig) -> dict[str, float]:
        tf.keras.backend.clear_session()
        last = fit(inputs, config).epochs[-1]
        return {name: value for name, value in last.items() if name.startswith(("val_", "loss"))}

    search = SearchTuner(train, config, tuner, directory)
    search.search(verbose=0)
    search.best()
    return search


def trials_json(search: SearchTuner, tuner: TunerConfig) -> str:
    """Returns all trials as JSON, with the number of the best one."""
    document = {
        "objective": tuner.objective,
        "seed": tuner.seed,
        "best": search.best().number,
        "trials": [asdict(trial) for trial in search.trials],
    }
    return json.dumps(document, indent=2)

"""Trains and exports the two-tower model: files in, SavedModel and history out."""

from __future__ import annotations

import dataclasses
import json
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import tensorflow as tf

from components import progress
from components.trainer.config import TrainerSettings
from components.trainer.export.index_model import IndexModel
from components.trainer.export.saved_model import export
from components.trainer.export.served_files import write_served_files
from components.trainer.fitting.devices import all_workers, export_folder, wait_for_all
from components.trainer.fitting.fit import Fitted, fit
from components.trainer.fitting.strategy import is_chief, training_strategy
from components.trainer.inputs.batches import TrainingData
from components.trainer.inputs.training_inputs import TrainingInputs, read_training_inputs
from components.trainer.model.learned_weights import LearnedWeights, read_learned_weights
from components.trainer.planning.device import find_device
from components.trainer.planning.memory import available_memory
from components.trainer.planning.plan import Plan, plan
from components.trainer.planning.sizes import Sizes, sizes_of


@dataclass
class History:
    """The record of a training, as in history.json.

    Attributes:
        config: The settings that took effect.
        plan: What was `chosen` for the data, in one `sentence` too; `notes` on what was made
            smaller to fit the memory; bytes of `memory` by what they are for.
        start: `kind` cold or warm; `why` not warm, or the WarmStartSummary.
        data: Users, interactions, movies (of the vocabulary) and catalogue; validation users;
            `weighted` 1 where interactions were weighted.
        epochs: For each epoch its loss, seconds, and `val_` figures where it was validated.
        index: Of the exported model: see ChosenIndex.
        seconds: Seconds of each phase.
    """

    config: dict[str, Any] = field(default_factory=dict)
    plan: dict[str, Any] = field(default_factory=dict)
    start: dict[str, Any] = field(default_factory=dict)
    data: dict[str, int] = field(default_factory=dict)
    epochs: list[dict[str, float]] = field(default_factory=list)
    index: dict[str, Any] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Measures the seconds of a phase, and reports that it began."""
        progress.report(0, 1, name)
        start = time.perf_counter()
        yield
        self.seconds[name] = round(time.perf_counter() - start, 3)

    def write(self, path: str) -> None:
        """Writes the history as JSON."""
        tf.io.gfile.makedirs(os.path.dirname(path))
        with tf.io.gfile.GFile(path, "w") as file:
            file.write(json.dumps(vars(self), indent=2))


def train(
    example_files: Sequence[str],
    movie_files: Sequence[str],
    transform_graph: str,
    model_path: str,
    run_path: str,
    settings: TrainerSettings,
    split: str = "",
    base_model: str | None = None,
    tf_config: str | None = None,
) -> History:
    """Trains the model of the settings and exports it.

    Args:
        example_files: Gzip TFRecords of the train split's user Examples.
        movie_files: Gzip TFRecords of the movie Examples.
        transform_graph: Folder that Transform wrote.
        model_path: Where the SavedModel goes.
        run_path: Folder for TensorBoard logs and history.json.
        settings: Settings; what is "auto" is chosen here, for these data and this machine.
        split: The split of the data whose train part the files are, as JSON of the settings.
        base_model: SavedModel to start from, if any. One of another split is refused: it was
            trained on what is held out here.
        tf_config: The cluster of a training on several machines, as in the environment variable
            TF_CONFIG. TensorFlow must not have been used in this process then.

    Raises:
        DataError: There is nothing to train on, or no candidate.
        ConfigError: The training does not fit the memory.
    """
    strategy = training_strategy(settings.devices, tf_config)
    history = History()
    with history.phase("read"):
        inputs = read_training_inputs(example_files, movie_files, transform_graph)
    sizes = sizes_of(inputs, split)
    planned = plan(settings, sizes, available_memory(), find_device())
    history.plan = _plan(planned, sizes)
    for line in filter(None, (history.plan["sentence"], *planned.notes)):
        progress.note(line)
    with history.phase("fit"):
        logs = run_path if is_chief(strategy) else None
        previous, why_not = _previous_weights(base_model, split)
        fitted = fit(inputs, planned.config, strategy, logs, previous)
        history.config = fitted.config.model_dump(mode="json")
        if previous is not None:
            why_not = "the live model has other shapes or features"
        history.start = _start(fitted, why_not)
        history.data, history.epochs = _sizes(inputs, fitted.data), fitted.epochs
    with (
        history.phase("export"),
        all_workers(strategy),
        export_folder(strategy, model_path) as folder,
    ):
        index = IndexModel(fitted.model, inputs, split, planned.config)
        history.index = index.index_facts
        export(index, folder)
    if is_chief(strategy):
        write_served_files(model_path, inputs.catalogue, index.user_features)
        history.write(os.path.join(run_path, "history.json"))
    wait_for_all(strategy)
    return history


def _previous_weights(base_model: str | None, split: str) -> tuple[LearnedWeights | None, str]:
    """Returns the weights that a training may start from, or None and why not."""
    if base_model is None:
        return None, ""
    previous = read_learned_weights(base_model)
    if previous is None:
        return None, "the live model has no weights to read"
    if previous.split != split:
        return None, "the live model was trained on another split"
    return previous, ""


def _plan(planned: Plan, sizes: Sizes) -> dict[str, Any]:
    return {
        "chosen": planned.chosen,
        "sentence": planned.sentence(sizes),
        "notes": planned.notes,
        "memory": planned.memory,
    }


def _start(fitted: Fitted, why_not: str) -> dict[str, Any]:
    if fitted.warm_start is None:
        return {"kind": "cold", "why": why_not}
    return {"kind": "warm", **dataclasses.asdict(fitted.warm_start)}


def _sizes(inputs: TrainingInputs, data: TrainingData) -> dict[str, int]:
    targets = data.validation["targets"]
    sizes = {
        "users": inputs.summary.rows.users,
        "interactions": inputs.summary.rows.interactions,
        "movies": inputs.graph.movies,
        "catalogue": len(inputs.catalogue),
        "validation_users": int(targets.nrows()),
        "validation_interactions": int(tf.size(targets.flat_values)),
    }
    return sizes if data.rows.weights is None else {**sizes, "weighted": 1}

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
from components.trainer.config import TrainerConfig
from components.trainer.export.index_model import IndexModel
from components.trainer.export.saved_model import export
from components.trainer.fitting.fit import Fitted, fit
from components.trainer.fitting.strategy import choose_strategy, is_chief, make_strategy
from components.trainer.inputs.batches import TrainingData
from components.trainer.inputs.training_inputs import Source, read_source
from components.trainer.model.learned_weights import Learned, read_learned


@dataclass
class History:
    """What a training leaves behind, as in history.json.

    Attributes:
        config: The settings that took effect.
        start: `kind` cold or warm; why a warm start was not made; what it took over.
        data: Users, interactions, movies (of the vocabulary) and catalogue; validation users.
        epochs: For each epoch its loss, seconds, and `val_` figures where it was validated.
        seconds: Seconds of each phase.
    """

    config: dict[str, Any]
    start: dict[str, Any] = field(default_factory=dict)
    data: dict[str, int] = field(default_factory=dict)
    epochs: list[dict[str, float]] = field(default_factory=list)
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
    config: TrainerConfig,
    split: str = "",
    base_model: str | None = None,
) -> History:
    """Trains the model of `config` and exports it.

    Args:
        example_files: Gzip TFRecords of the train split's user Examples.
        movie_files: Gzip TFRecords of the movie Examples.
        transform_graph: Folder that Transform wrote.
        model_path: Where the SavedModel goes.
        run_path: Folder for TensorBoard logs and history.json.
        config: Settings.
        split: The split that the files are the train part of, as the settings write it.
        base_model: SavedModel to start from, if any. Not one of another split: what is held out
            from this training would be in it.

    Raises:
        DataError: There is nothing to train on, or no candidate.
    """
    gpus = len(tf.config.list_physical_devices("GPU"))
    strategy = make_strategy(choose_strategy(os.environ.get("TF_CONFIG"), gpus))
    history = History(config.model_dump(mode="json"))
    with history.phase("read"):
        source = read_source(example_files, movie_files, transform_graph, config.cache_bytes)
    with history.phase("fit"):
        logs = run_path if is_chief(strategy) else None
        learned, why_not = _learned(base_model, split)
        fitted = fit(source, config, strategy, logs, learned)
        history.config = fitted.config.model_dump(mode="json")
        history.start = _start(
            fitted, why_not or ("the live model has other shapes or features" if learned else "")
        )
        history.data, history.epochs = _sizes(source, fitted.data), fitted.epochs
    if is_chief(strategy):
        with history.phase("export"):
            export(IndexModel(fitted.model, source, split), model_path)
        history.write(os.path.join(run_path, "history.json"))
    return history


def _learned(base_model: str | None, split: str) -> tuple[Learned | None, str]:
    """Returns what a training may start from, or None and why."""
    if base_model is None:
        return None, ""
    learned = read_learned(base_model)
    if learned is None:
        return None, "the live model does not tell what it learned"
    if learned.split != split:
        return None, "the live model was trained on another split"
    return learned, ""


def _start(fitted: Fitted, why_not: str) -> dict[str, Any]:
    if fitted.carried is None:
        return {"kind": "cold", "why": why_not}
    return {"kind": "warm", **dataclasses.asdict(fitted.carried)}


def _sizes(source: Source, data: TrainingData) -> dict[str, int]:
    targets = data.validation["targets"]
    return {
        "users": source.summary.users,
        "interactions": source.summary.interactions,
        "movies": source.graph.movies,
        "catalogue": len(source.catalogue),
        "validation_users": int(targets.nrows()),
        "validation_interactions": int(tf.size(targets.flat_values)),
        "cached": int(source.summary.rows is not None),
    }

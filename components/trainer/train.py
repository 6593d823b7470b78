"""Trains and exports the two-tower model: files in, SavedModel and history out."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import tensorflow as tf

from components import progress
from components.trainer.batches import TrainingData, training_data
from components.trainer.callbacks import EpochFigures, Progress
from components.trainer.catalogue import Catalogue, read_catalogue
from components.trainer.config import TrainerConfig
from components.trainer.export import export
from components.trainer.index_model import IndexModel
from components.trainer.models import TwoTowerModel, build_model
from components.trainer.optimizers import build_optimizer
from components.trainer.strategy import choose_strategy, is_chief, make_strategy
from components.trainer.top_k import TopKEvaluator
from components.trainer.transform_graph import TransformGraph
from components.trainer.user_rows import Summary, load, summarise


@dataclass
class History:
    """What a training leaves behind, as in history.json.

    Attributes:
        config: The settings.
        data: Users, interactions, movies (of the vocabulary) and catalogue; validation users.
        epochs: For each epoch its loss, seconds, and `val_` figures where it was validated.
        seconds: Seconds of each phase.
    """

    config: dict[str, Any]
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
) -> History:
    """Trains the model of `config` and exports it.

    Args:
        example_files: Gzip TFRecords of the train split's user Examples.
        movie_files: Gzip TFRecords of the movie Examples.
        transform_graph: Folder that Transform wrote.
        model_path: Where the SavedModel goes.
        run_path: Folder for TensorBoard logs and history.json.
        config: Settings.

    Raises:
        DataError: There is nothing to train on, or no candidate.
    """
    tf.keras.utils.set_random_seed(config.seed)
    strategy = make_strategy(
        choose_strategy(os.environ.get("TF_CONFIG"), len(tf.config.list_physical_devices("GPU")))
    )
    history = History(config.model_dump(mode="json"))
    with history.phase("read"):
        graph = TransformGraph(transform_graph)
        catalogue = read_catalogue(movie_files)
        summary = summarise(example_files, graph, config.cache_bytes)
        data = training_data(example_files, graph, summary, config)
        history.data = _sizes(graph, catalogue, summary, data)
    with history.phase("fit"):
        model = fit(data, graph, catalogue, summary, run_path, config, strategy, history)
    if not is_chief(strategy):
        return history
    with history.phase("export"):
        rows = summary.rows or load(example_files, graph)
        export(IndexModel(model, graph, catalogue, rows, summary.movie_counts), model_path)
    history.write(os.path.join(run_path, "history.json"))
    return history


def fit(
    data: TrainingData,
    graph: TransformGraph,
    catalogue: Catalogue,
    summary: Summary,
    run_path: str,
    config: TrainerConfig,
    strategy: tf.distribute.Strategy,
    history: History,
) -> TwoTowerModel:
    """Builds and fits the model under `strategy`; adds the epochs to `history`."""
    with strategy.scope():
        model = build_model(config, graph.users, summary.movie_counts)
        model.compile(optimizer=build_optimizer(config, data.steps_per_epoch * config.epochs))
        # AutoGraph would rewrite the loops of Keras and TFRS, for nothing: seconds of the first step.
        model.train_step = tf.autograph.experimental.do_not_convert(model.train_step)
    evaluate = TopKEvaluator(data.validation, catalogue.indices_in(graph.movie_ids()), model)
    callbacks = [
        EpochFigures(evaluate, config.validate_every, config.epochs),
        Progress(data.steps_per_epoch, config.epochs),
    ]
    if is_chief(strategy):
        callbacks.append(
            tf.keras.callbacks.TensorBoard(run_path, write_graph=False, profile_batch=0)
        )
    model.fit(
        data.batches,
        epochs=config.epochs,
        steps_per_epoch=data.steps_per_epoch,
        callbacks=callbacks,
        verbose=0,
    )
    history.epochs = _by_epoch(model.history.history, config)
    return model


def _by_epoch(logs: dict[str, list[float]], config: TrainerConfig) -> list[dict[str, float]]:
    """Turns Keras's name → values into one dict for each epoch; validations stand where they were."""
    validated = [
        epoch
        for epoch in range(1, config.epochs + 1)
        if epoch % config.validate_every == 0 or epoch == config.epochs
    ]
    epochs: list[dict[str, float]] = [{"epoch": epoch + 1} for epoch in range(config.epochs)]
    for name, values in logs.items():
        places = validated if name.startswith("val_") else range(1, config.epochs + 1)
        for epoch, value in zip(places, values):
            epochs[epoch - 1][name] = float(value)
    return epochs


def _sizes(
    graph: TransformGraph, catalogue: Catalogue, summary: Summary, data: TrainingData
) -> dict[str, int]:
    targets = data.validation["targets"]
    return {
        "users": summary.users,
        "interactions": summary.interactions,
        "movies": graph.movies,
        "catalogue": len(catalogue),
        "validation_users": int(targets.nrows()),
        "validation_interactions": int(tf.size(targets.flat_values)),
        "cached": int(summary.rows is not None),
    }

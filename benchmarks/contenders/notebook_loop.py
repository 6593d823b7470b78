"""The notebook's training, as it stands: TFRS with FactorizedTopK inside the training step.

With the metrics on a step costs seconds, so a stated number of steps is timed and extrapolated; the
first, which traces, is not counted. The metrics change nothing in the weights: quality is that of
the same loop with metrics off.
"""

from __future__ import annotations

import time

import numpy as np
import tensorflow as tf
import tensorflow_recommenders as tfrs

from benchmarks.contenders import Fitted, Options
from benchmarks.scoring import rank
from benchmarks.split import Split, World

DIM, LEARNING_RATE, BATCH, SHUFFLE, SEED = 32, 0.1, 8192, 100_000, 42


class NotebookModel(tfrs.Model):
    """Two lookups with embeddings under TFRS's Retrieval task."""

    def __init__(self, split: Split, metrics: bool) -> None:
        """Builds the towers of the split's ids."""
        super().__init__()
        self.user_model = _tower(split.user_ids)
        self.movie_model = _tower(split.movie_ids)
        self._with_metrics = metrics
        candidates = tf.data.Dataset.from_tensor_slices(split.movie_ids).batch(128)
        self.task = tfrs.tasks.Retrieval(
            metrics=tfrs.metrics.FactorizedTopK(candidates=candidates.map(self.movie_model))
            if metrics
            else None
        )

    def compute_loss(self, features: dict[str, tf.Tensor], training: bool = False) -> tf.Tensor:
        """Returns the in-batch loss of string ids [batch]."""
        users = self.user_model(features["user_id"])
        movies = self.movie_model(features["movie_id"])
        return self.task(users, movies, compute_metrics=self._with_metrics)


def _tower(ids: np.ndarray) -> tf.keras.Sequential:
    lookup = tf.keras.layers.StringLookup(vocabulary=ids, mask_token=None)
    return tf.keras.Sequential([lookup, tf.keras.layers.Embedding(len(ids) + 1, DIM)])


def fit(world: World, options: Options, metrics: bool = False) -> Fitted:
    """Trains, or times some steps where the metrics are on."""
    split = world.split
    tf.keras.utils.set_random_seed(SEED)
    data = tf.data.Dataset.from_tensor_slices(
        {
            "user_id": split.user_ids[split.train_user],
            "movie_id": split.movie_ids[split.train_movie],
        }
    )
    batches = data.shuffle(SHUFFLE, reshuffle_each_iteration=False).batch(BATCH).cache()
    model = NotebookModel(split, metrics)
    model.compile(optimizer=tf.keras.optimizers.Adagrad(LEARNING_RATE))
    if metrics and options.notebook_steps:
        return _timed(model, batches, options)
    start = time.perf_counter()
    model.fit(batches, epochs=options.notebook_epochs, verbose=0)
    seconds = time.perf_counter() - start
    users, movies = model.user_model(split.user_ids), model.movie_model(split.movie_ids)
    scores = users.numpy(), movies.numpy()
    notes = {"settings": f"d {DIM}, Adagrad {LEARNING_RATE}, {options.notebook_epochs} epochs"}
    return Fitted(lambda: rank(lambda asked: scores[0][asked] @ scores[1].T, split), seconds, notes)


def _timed(model: NotebookModel, batches: tf.data.Dataset, options: Options) -> Fitted:
    """Times whole batches and extrapolates to all epochs."""
    total = int(batches.cardinality())
    steps = max(1, min(options.notebook_steps, total - 1))
    model.fit(batches.take(1), verbose=0)
    some = batches.take(steps).cache()
    for _ in some:  # fills the cache, as an epoch before would have
        pass
    start = time.perf_counter()
    model.fit(some, verbose=0)
    seconds = (time.perf_counter() - start) / steps * total * options.notebook_epochs
    notes = {
        "settings": f"d {DIM}, Adagrad {LEARNING_RATE}, {options.notebook_epochs} epochs",
        "extrapolated_from_steps": steps,
        "steps": total * options.notebook_epochs,
    }
    return Fitted(None, seconds, notes)

"""The training batches of all steps, shuffled and seeded, and the validation batch."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass

import numpy as np
import tensorflow as tf

from components.trainer.config import TrainerConfig
from components.trainer.inputs.batching import Batch, Batching
from components.trainer.inputs.training_inputs import TrainingInputs
from components.trainer.inputs.user_rows import UserRows
from components.trainer.inputs.validation_split import validation_positions

# A training whose length is given in steps is reported in so many parts of equal length.
_ROUNDS = 40


@dataclass(frozen=True)
class TrainingData:
    """What `fit` and the validation need.

    Attributes:
        batches: The batches of all steps.
        steps_in_pass: Number of batches in a pass over the data.
        rounds: Number of parts of the training: passes, or parts of equal numbers of steps.
        steps_in_round: Number of batches in each of them.
        validation: One batch: validation users' training histories and their held-out movies.
        rows: What is trained on, without the validation part.
    """

    batches: tf.data.Dataset
    steps_in_pass: int
    rounds: int
    steps_in_round: int
    validation: Batch
    rows: UserRows

    @property
    def steps(self) -> int:
        """Number of steps of the training."""
        return self.rounds * self.steps_in_round

    def passes_after(self, rounds: int) -> float:
        """Returns how often the data were passed over after so many rounds."""
        passes = rounds * self.steps_in_round / self.steps_in_pass
        return int(passes) if passes.is_integer() else round(passes, 3)


def training_data(
    inputs: TrainingInputs, config: TrainerConfig, batching: Batching
) -> TrainingData:
    """Builds the batches.

    Args:
        inputs: The inputs.
        config: Settings.
        batching: The kind of batches that the query tower takes.
    """
    all_rows = inputs.summary.rows
    if config.weights == "none":
        all_rows = dataclasses.replace(all_rows, weights=None)
    user_ids, movie_ids = (
        tf.constant([*ids, b""]) for ids in (inputs.graph.user_ids(), inputs.graph.movie_ids())
    )
    held_out = validation_positions(config, all_rows, user_ids, movie_ids, batching.in_time)
    trained = rows = all_rows.without(held_out)
    if config.shuffle_labels:
        rows = dataclasses.replace(rows, movies=_shuffled(rows.movies, config.seed))
    pairs = batching.takes_pairs(config)
    steps_in_pass = math.ceil((rows.interactions if pairs else rows.users) / config.batch_size)
    rounds, steps_in_round = _rounds(config, steps_in_pass)
    passes = math.ceil(rounds * steps_in_round / steps_in_pass)
    prepared = (
        _batches(rows, config, pairs, passes)
        .enumerate()
        .map(lambda step, row: batching.batch(config, step, UserRows(*row)), num_parallel_calls=2)
        .prefetch(2)
    )
    return TrainingData(
        prepared.with_options(_options()),
        steps_in_pass,
        rounds,
        steps_in_round,
        _validation(trained, all_rows.only(held_out).movies, config.most_validation_users),
        rows,
    )


def _rounds(config: TrainerConfig, steps_in_pass: int) -> tuple[int, int]:
    """Returns the number of parts of the training and the steps of each."""
    if not config.steps:
        return config.epochs, steps_in_pass
    steps_in_round = math.ceil(config.steps / _ROUNDS)
    return math.ceil(config.steps / steps_in_round), steps_in_round


def _options() -> tf.data.Options:
    options = tf.data.Options()
    options.deterministic = True
    # Its thread sleeps out its period, up to 20 s, before a dataset can be dropped.
    options.autotune.enabled = False
    # The rows are no file that workers could divide among themselves.
    options.experimental_distribute.auto_shard_policy = tf.data.experimental.AutoShardPolicy.DATA
    return options


def _validation(trained: UserRows, targets: tf.RaggedTensor, most: int) -> Batch:
    """Returns users with held-out movies, the rest of their history and those movies.

    Of more than `most` users, these are evenly spread over the vocabulary. Targets count the same,
    whatever their weights.
    """
    users = np.flatnonzero(targets.row_lengths())
    if len(users) > most:
        users = users[np.linspace(0, len(users) - 1, most).astype(np.int64)]
    user_index, history, *weights = trained.columns()
    batch = {
        "user_index": tf.gather(user_index, users),
        "history": tf.gather(history, users),
        "targets": tf.gather(targets, users),
    }
    if weights:
        batch["history_weights"] = tf.gather(weights[0], users)
    return batch


def _shuffled(movies: tf.RaggedTensor, seed: int) -> tf.RaggedTensor:
    values = tf.random.experimental.stateless_shuffle(movies.flat_values, seed=[seed, 0])
    return movies.with_flat_values(values)


def _batches(rows: UserRows, config: TrainerConfig, pairs: bool, passes: int) -> tf.data.Dataset:
    """Returns batches of UserRows.columns, for `pairs` with one movie in each row."""
    columns = rows.columns()
    if pairs:
        users = np.repeat(rows.user_index.numpy(), rows.movies.row_lengths())
        columns = (users, *(column.flat_values for column in columns[1:]))

    def take(positions: tf.Tensor) -> tuple[tf.Tensor | tf.RaggedTensor, ...]:
        users, *values = (tf.gather(column, positions) for column in columns)
        return users, *(_singletons(value) if pairs else value for value in values)

    size = rows.interactions if pairs else rows.users
    return _permutations(size, config, passes).map(take, num_parallel_calls=2)


def _permutations(size: int, config: TrainerConfig, passes: int) -> tf.data.Dataset:
    """Returns for each pass batches of a seeded permutation of range(size), int64 [batch]."""
    batch = config.batch_size

    def one_pass(number: tf.Tensor) -> tf.data.Dataset:
        order = tf.random.experimental.stateless_shuffle(
            tf.range(size, dtype=tf.int64), seed=tf.stack([config.seed, number])
        )
        starts = tf.data.Dataset.range(0, size, batch)
        return starts.map(lambda start: order[start : start + batch])

    return tf.data.Dataset.range(passes).flat_map(one_pass)


def _singletons(values: tf.Tensor) -> tf.RaggedTensor:
    """Returns [n] as a ragged [n, None] of rows of one value."""
    splits = tf.range(tf.size(values, out_type=tf.int64) + 1)
    return tf.RaggedTensor.from_row_splits(values, splits, validate=False)

"""The training batches of all epochs, shuffled and seeded, and the validation batch."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import tensorflow as tf

from components.trainer.config import TrainerConfig
from components.trainer.inputs.batching import Batch, Batching
from components.trainer.inputs.training_inputs import TrainingInputs
from components.trainer.inputs.user_rows import UserRows, read_rows
from components.trainer.inputs.validation_split import validation_mask

# Rows → which of their movies are trained on, ragged bool [users, None].
_TrainMask = Callable[[UserRows], tf.RaggedTensor]


@dataclass(frozen=True)
class TrainingData:
    """What `fit` and the validation need.

    Attributes:
        batches: All batches of all epochs.
        steps_per_epoch: Number of batches in an epoch.
        validation: One batch: the validation users' training histories and their held-out movies.
        rows: What is trained on, without the validation part.
    """

    batches: tf.data.Dataset
    steps_per_epoch: int
    validation: Batch
    rows: UserRows


def training_data(
    inputs: TrainingInputs, config: TrainerConfig, batching: Batching
) -> TrainingData:
    """Builds the batches: from memory where the rows are cached, else from the files.

    Args:
        inputs: The inputs.
        config: Settings.
        batching: The kind of batches that the query tower takes.
    """
    all_rows = inputs.all_rows()
    if config.weights == "none":
        all_rows = dataclasses.replace(all_rows, weights=None)
    train_mask = _train_mask(inputs, config)
    rows = _train_part(all_rows, train_mask, config)
    pairs = batching.takes_pairs(config)
    if inputs.summary.rows is not None:
        batches = _cached_batches(rows, config, pairs)
    else:
        batches = _streamed_batches(inputs, train_mask, config, pairs)
    prepared = (
        batches.enumerate()
        .map(lambda step, row: batching.batch(config, step, *row), num_parallel_calls=2)
        .prefetch(2)
    )
    options = tf.data.Options()
    options.deterministic = True
    # The cached rows are no file that workers could divide among themselves.
    options.experimental_distribute.auto_shard_policy = tf.data.experimental.AutoShardPolicy.DATA
    elements = rows.interactions if pairs else rows.users
    return TrainingData(
        prepared.with_options(options),
        math.ceil(elements / config.batch_size),
        _validation(all_rows, train_mask),
        rows,
    )


def _train_mask(inputs: TrainingInputs, config: TrainerConfig) -> _TrainMask:
    """Returns a function that marks the movies of rows that are trained on."""
    user_ids, movie_ids = (
        tf.constant([*ids, b""]) for ids in (inputs.graph.user_ids(), inputs.graph.movie_ids())
    )
    return lambda rows: tf.logical_not(
        validation_mask(config, rows.user_index, rows.movies, user_ids, movie_ids)
    )


def _train_part(rows: UserRows, train_mask: _TrainMask, config: TrainerConfig) -> UserRows:
    trained = train_mask(rows)
    movies, *weights = (tf.ragged.boolean_mask(part, trained) for part in rows.columns()[1:])
    if config.shuffle_labels:
        movies = _shuffled(movies, config.seed)
    return UserRows(rows.user_index, movies, *weights)


def _validation(rows: UserRows, train_mask: _TrainMask) -> Batch:
    """Returns the users with held-out movies, the rest of their history and those movies.

    Targets count the same, whatever their weights.
    """
    trained = train_mask(rows)
    targets = tf.ragged.boolean_mask(rows.movies, tf.logical_not(trained))
    users = tf.where(targets.row_lengths() > 0)[:, 0]
    history = tf.ragged.boolean_mask(rows.movies, trained)
    batch = {
        "user_index": tf.gather(rows.user_index, users),
        "history": tf.gather(history, users),
        "targets": tf.gather(targets, users),
    }
    if rows.weights is not None:
        weights = tf.ragged.boolean_mask(rows.weights, trained)
        batch["history_weights"] = tf.gather(weights, users)
    return batch


def _shuffled(movies: tf.RaggedTensor, seed: int) -> tf.RaggedTensor:
    values = tf.random.experimental.stateless_shuffle(movies.flat_values, seed=[seed, 0])
    return movies.with_flat_values(values)


def _cached_batches(rows: UserRows, config: TrainerConfig, pairs: bool) -> tf.data.Dataset:
    """Returns batches of UserRows.columns, for `pairs` with one movie in each row."""
    columns = rows.columns()
    if pairs:
        users, *values = _as_pairs(*columns)
        columns = (users, *(_singletons(value) for value in values))

    positions = _permutations(int(columns[0].shape[0]), config)
    return positions.map(
        lambda batch: tuple([tf.gather(column, batch) for column in columns]),
        num_parallel_calls=2,
    )


def _permutations(size: int, config: TrainerConfig) -> tf.data.Dataset:
    """Returns for each epoch batches of a seeded permutation of range(size), int64 [batch]."""
    batch = config.batch_size

    def epoch(number: tf.Tensor) -> tf.data.Dataset:
        order = tf.random.experimental.stateless_shuffle(
            tf.range(size, dtype=tf.int64), seed=tf.stack([config.seed, number])
        )
        starts = tf.data.Dataset.range(0, size, batch)
        return starts.map(lambda start: order[start : start + batch])

    return tf.data.Dataset.range(config.epochs).flat_map(epoch)


def _streamed_batches(
    inputs: TrainingInputs, train_mask: _TrainMask, config: TrainerConfig, pairs: bool
) -> tf.data.Dataset:
    """Returns what `_cached_batches` does, from the files, through bounded shuffle buffers."""

    def train_part(*columns: tf.Tensor | tf.RaggedTensor) -> tuple[Any, ...]:
        return _train_part(UserRows(*columns), train_mask, config).columns()

    def as_pairs(*columns: tf.Tensor | tf.RaggedTensor) -> tf.data.Dataset:
        return tf.data.Dataset.from_tensor_slices(_as_pairs(*columns))

    unit = inputs.summary.mean_weight if config.weights == "auto" else None
    rows = read_rows(inputs.example_files, inputs.graph, unit)
    rows = rows.map(train_part, num_parallel_calls=2)
    if not pairs:
        users = rows.unbatch().shuffle(config.shuffle_buffer, seed=config.seed)
        return users.ragged_batch(config.batch_size).repeat(config.epochs)
    elements = rows.flat_map(as_pairs).shuffle(config.shuffle_buffer, seed=config.seed)
    batches = elements.batch(config.batch_size).repeat(config.epochs)
    return batches.map(
        lambda users, *values: tuple([users] + [_singletons(value) for value in values])
    )


def _as_pairs(
    user_index: tf.Tensor, *columns: tf.RaggedTensor
) -> tuple[tf.Tensor | tf.RaggedTensor, ...]:
    """Returns the columns with an element for each interaction, [interactions] each."""
    users = tf.gather(user_index, columns[0].value_rowids())
    return users, *(column.flat_values for column in columns)


def _singletons(values: tf.Tensor) -> tf.RaggedTensor:
    """Returns [n] as a ragged [n, None] of rows of one value."""
    splits = tf.range(tf.size(values, out_type=tf.int64) + 1)
    return tf.RaggedTensor.from_row_splits(values, splits, validate=False)

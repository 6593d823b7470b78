"""The training batches: shuffled, seeded, in the one form that every model takes.

A batch is a dict of `user_index` int32 [batch], `history` ragged int32 [batch, None] and `targets`
ragged int32 [batch, None]: what each user watched, and what the model has to predict. A step's
random draws depend on the seed and the number of the step only.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import tensorflow as tf

from components.trainer.config import TrainerConfig
from components.trainer.inputs.holdout import draw_holdout, thin
from components.trainer.inputs.training_inputs import Source
from components.trainer.inputs.user_rows import UserRows, read_rows
from components.trainer.inputs.validation_split import validation_mask

Batch = dict[str, tf.Tensor | tf.RaggedTensor]


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


def training_data(source: Source, config: TrainerConfig) -> TrainingData:
    """Builds the batches from memory where the rows are cached, from the files otherwise."""
    all_rows = source.all_rows()
    keep = _keeper(source, config)
    rows = _train_part(all_rows, keep, config)
    elements = rows.interactions if takes_pairs(config) else rows.users
    if source.summary.rows is not None:
        batches = _cached_batches(rows, config)
    else:
        batches = _streamed_batches(source, keep, config)
    prepared = batches.enumerate().map(_preparation(config), num_parallel_calls=2).prefetch(2)
    options = tf.data.Options()
    options.deterministic = True
    # The cached rows are no file that workers could share out.
    options.experimental_distribute.auto_shard_policy = tf.data.experimental.AutoShardPolicy.DATA
    return TrainingData(
        prepared.with_options(options),
        math.ceil(elements / config.batch_size),
        _validation(all_rows, keep),
        rows,
    )


def takes_pairs(config: TrainerConfig) -> bool:
    """Says whether a step takes interactions, not users."""
    return config.query == "user_id" and config.loss == "in_batch"


_Keep = Callable[[UserRows], tf.RaggedTensor]


def _keeper(source: Source, config: TrainerConfig) -> _Keep:
    """Returns what says of rows which of their movies are trained on, ragged bool [users, None]."""
    user_ids, movie_ids = (
        tf.constant([*ids, b""]) for ids in (source.graph.user_ids(), source.graph.movie_ids())
    )

    def keep(rows: UserRows) -> tf.RaggedTensor:
        mask = validation_mask(
            rows.user_index,
            rows.movies,
            user_ids=user_ids,
            movie_ids=movie_ids,
            users=config.validation_users,
            fraction=config.validation_fraction,
            seed=config.seed,
        )
        return tf.logical_not(mask)

    return keep


def _train_part(rows: UserRows, keep: _Keep, config: TrainerConfig) -> UserRows:
    movies = tf.ragged.boolean_mask(rows.movies, keep(rows))
    if config.shuffle_labels:
        movies = _shuffled(movies, config.seed)
    return UserRows(rows.user_index, movies)


def _validation(rows: UserRows, keep: _Keep) -> Batch:
    """Returns the users with held-out movies, the rest of their history and those movies."""
    kept = keep(rows)
    targets = tf.ragged.boolean_mask(rows.movies, tf.logical_not(kept))
    users = tf.where(targets.row_lengths() > 0)[:, 0]
    history = tf.ragged.boolean_mask(rows.movies, kept)
    return {
        "user_index": tf.gather(rows.user_index, users),
        "history": tf.gather(history, users),
        "targets": tf.gather(targets, users),
    }


def _shuffled(movies: tf.RaggedTensor, seed: int) -> tf.RaggedTensor:
    values = tf.random.experimental.stateless_shuffle(movies.flat_values, seed=[seed, 0])
    return movies.with_flat_values(values)


def _cached_batches(rows: UserRows, config: TrainerConfig) -> tf.data.Dataset:
    """Returns (user index, movies) batches; movies has one movie a row where steps take pairs."""
    user_index, movies = rows.user_index, rows.movies
    if takes_pairs(config):
        user_index = tf.gather(user_index, movies.value_rowids())
        movies = _singletons(movies.flat_values)

    def gather(places: tf.Tensor) -> tuple[tf.Tensor, tf.RaggedTensor]:
        return tf.gather(user_index, places), tf.gather(movies, places)

    places = _permutations(int(user_index.shape[0]), config)
    return places.map(gather, num_parallel_calls=2)


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


def _streamed_batches(source: Source, keep: _Keep, config: TrainerConfig) -> tf.data.Dataset:
    """Returns what `_cached_batches` does, from the files, through bounded shuffle buffers."""

    def train_part(
        user_index: tf.Tensor, movies: tf.RaggedTensor
    ) -> tuple[tf.Tensor, tf.RaggedTensor]:
        rows = _train_part(UserRows(user_index, movies), keep, config)
        return rows.user_index, rows.movies

    def pairs(user_index: tf.Tensor, movies: tf.RaggedTensor) -> tf.data.Dataset:
        users = tf.gather(user_index, movies.value_rowids())
        return tf.data.Dataset.from_tensor_slices((users, movies.flat_values))

    rows = read_rows(source.example_files, source.graph).map(train_part, num_parallel_calls=2)
    if not takes_pairs(config):
        users = rows.unbatch().shuffle(config.shuffle_buffer, seed=config.seed)
        return users.ragged_batch(config.batch_size).repeat(config.epochs).map(_as_ragged)
    elements = rows.flat_map(pairs).shuffle(config.shuffle_buffer, seed=config.seed)
    batches = elements.batch(config.batch_size).repeat(config.epochs)
    return batches.map(lambda users, movies: (users, _singletons(movies)))


def _as_ragged(user_index: tf.Tensor, movies: tf.RaggedTensor) -> tuple[tf.Tensor, tf.RaggedTensor]:
    return user_index, movies


def _singletons(values: tf.Tensor) -> tf.RaggedTensor:
    """Returns [n] as a ragged [n, None] of rows of one value."""
    splits = tf.range(tf.size(values, out_type=tf.int64) + 1)
    return tf.RaggedTensor.from_row_splits(values, splits, validate=False)


def _preparation(
    config: TrainerConfig,
) -> Callable[[tf.Tensor, tuple[tf.Tensor, tf.RaggedTensor]], Batch]:
    """Returns what makes a batch of step number and (user index, movies)."""

    def history(step: tf.Tensor, rows: tuple[tf.Tensor, tf.RaggedTensor]) -> Batch:
        seed = tf.stack([tf.constant(config.seed, tf.int64), step])
        rest, targets = draw_holdout(
            rows[1], seed, minimum=config.holdout_min, maximum=config.holdout_max
        )
        if config.loss == "in_batch":
            targets = thin(targets, seed, config.batch_pairs)
        return {"user_index": rows[0], "history": rest, "targets": targets}

    def user_id(step: tf.Tensor, rows: tuple[tf.Tensor, tf.RaggedTensor]) -> Batch:
        return {"user_index": rows[0], "history": rows[1][:, :0], "targets": rows[1]}

    return history if config.query == "history" else user_id

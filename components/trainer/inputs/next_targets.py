"""Batches for a tower that knows the order: what comes next at each position of a window."""

from __future__ import annotations

import tensorflow as tf

from components.trainer.config import TrainerConfig
from components.trainer.inputs.batching import Batch, Batching
from components.trainer.inputs.user_rows import UserRows


class NextTargets(Batching):
    """At some positions of a window of each history, the next movies are the targets.

    A batch has, beside `user_index`, `window` ragged int32 [users, None], a part of each history,
    oldest movie first, and `positions` ragged int32 [users, None] in it. For each of these,
    `targets` and `target_weights`, ragged [users, None, None], have the movies that follow: one at
    a distance of a ≥ 1 weighs exp(-(a-1) / rate).
    """

    in_time = True

    def batch(self, config: TrainerConfig, step: tf.Tensor, rows: UserRows) -> Batch:
        """Returns the batch of one step; windows and positions are drawn by its number."""
        window_seed, position_seed = tf.unstack(
            tf.random.split(tf.stack([tf.constant(config.seed, tf.int64), step]), 2)
        )
        movies, weights = rows.movies, rows.weights
        lengths = tf.cast(movies.row_lengths(), tf.int32)
        start, size = _draw_windows(lengths, config.window, window_seed)
        positions = _draw_positions(size, config.window, config.positions, position_seed)
        user, splits = positions.value_rowids(), tf.cast(movies.row_splits, tf.int32)
        begin = splits[:-1] + start
        first = tf.gather(begin, user) + positions.flat_values + 1
        ends = tf.gather(splits[1:], user)
        # Ranges of the flat values of `movies`.
        window = tf.ragged.range(begin, begin + size)
        after = tf.ragged.range(first, tf.minimum(first + config.next_targets, ends))
        lag = after.flat_values - tf.gather(first, after.value_rowids())
        importance = tf.exp(-tf.cast(lag, tf.float32) / config.next_rate)
        if weights is not None:
            importance *= tf.gather(weights.flat_values, after.flat_values)

        def movies_at(places: tf.RaggedTensor) -> tf.RaggedTensor:
            return places.with_flat_values(tf.gather(movies.flat_values, places.flat_values))

        return {
            "user_index": rows.user_index,
            "window": movies_at(window),
            "positions": positions,
            "targets": positions.with_values(movies_at(after)),
            "target_weights": positions.with_values(after.with_flat_values(importance)),
        }


def each_position(batch: Batch) -> Batch:
    """Returns a batch of NextTargets with a row for each position, with the keys of batching.py.

    `user_index`, `history` (the movies of the window up to the position), `targets` and
    `target_weights` have so many rows; `window` and `positions` stay as they are.
    """
    window, positions = batch["window"], batch["positions"]
    user = positions.value_rowids()
    ends = flat_positions(window, positions) + 1
    history = tf.ragged.range(tf.gather(window.row_splits, user), ends)
    return {
        **batch,
        "user_index": tf.gather(batch["user_index"], user),
        "history": history.with_flat_values(tf.gather(window.flat_values, history.flat_values)),
        "targets": batch["targets"].values,
        "target_weights": batch["target_weights"].values,
    }


def flat_positions(window: tf.RaggedTensor, positions: tf.RaggedTensor) -> tf.Tensor:
    """Returns where positions are in the flat values of `window`, int64 [positions].

    Args:
        window: ragged [users, None].
        positions: In the row of the same user, ragged int32 [users, None].
    """
    starts = tf.gather(window.row_splits, positions.value_rowids())
    return starts + tf.cast(positions.flat_values, starts.dtype)


def _draw_windows(lengths: tf.Tensor, window: int, seed: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Returns where a window of each history begins and how long it is, int32 [users] each.

    Its end is drawn so that something follows it, and so that it is as long as possible.
    """
    most = tf.maximum(lengths - 1, 0)
    least = tf.minimum(most, window)
    draws = tf.random.stateless_uniform(tf.shape(lengths), seed)
    choices = tf.cast(most - least + 1, tf.float32)
    end = tf.minimum(least + tf.cast(draws * choices, tf.int32), most)
    start = tf.maximum(end - window, 0)
    return start, end - start


def _draw_positions(size: tf.Tensor, window: int, number: int, seed: tf.Tensor) -> tf.RaggedTensor:
    """Draws positions of each window, each at most once: ragged int32 [users, None].

    Args:
        size: Length of the windows, int32 [users].
        window: Their greatest length.
        number: Number of positions; windows that are shorter have fewer.
        seed: int64 [2].
    """
    draws = tf.random.stateless_uniform([tf.shape(size)[0], window], seed)
    draws = tf.where(tf.range(window)[tf.newaxis] < size[:, tf.newaxis], draws, -1.0)
    best, positions = tf.math.top_k(draws, min(number, window))
    return tf.ragged.boolean_mask(positions, best >= 0)

"""Batches for a tower that knows the order: what comes next at each position of a window."""

from __future__ import annotations

import tensorflow as tf

from components.trainer.config import TrainerConfig
from components.trainer.inputs.batching import Batch

# Behind the end of a history that is shorter than the window.
NO_MOVIE = -1


class NextTargets:
    """At some positions of a window of each history, the next movies are the targets.

    A batch has, beside the keys of batching.py, `window` int32 [users, n], a part of each history,
    oldest movie first, padded with NO_MOVIE at the end, and `positions` int32 [users, p] in it.
    Each position is a row of `history` (the movies of the window up to it), `targets` and
    `target_weights`: a movie that follows at a distance of a ≥ 1 weighs exp(-(a-1) / rate).
    """

    in_time = True

    def takes_pairs(self, config: TrainerConfig) -> bool:
        """Returns False: a history belongs to a user."""
        return False

    def batch(
        self,
        config: TrainerConfig,
        step: tf.Tensor,
        user_index: tf.Tensor,
        movies: tf.RaggedTensor,
        weights: tf.RaggedTensor | None = None,
    ) -> Batch:
        """Returns the batch of one step; windows and positions are drawn by its number."""
        window_seed, position_seed = tf.unstack(
            tf.random.split(tf.stack([tf.constant(config.seed, tf.int64), step]), 2)
        )
        users = movies.nrows()
        lengths = tf.cast(movies.row_lengths(), tf.int32)
        start, size = _draw_windows(lengths, config.window, window_seed)
        columns = tf.range(config.window)[tf.newaxis]
        window = _take(movies, start[:, tf.newaxis] + columns, columns < size[:, tf.newaxis])
        positions, drawn = _draw_positions(size, config.window, config.positions, position_seed)
        offsets = tf.range(config.next_targets)
        wanted = (start[:, tf.newaxis] + positions + 1)[:, :, tf.newaxis] + offsets
        follows = drawn[:, :, tf.newaxis] & (wanted < lengths[:, tf.newaxis, tf.newaxis])
        targets = _take(movies, wanted, follows)
        importance = tf.exp(-tf.cast(offsets, tf.float32) / config.next_rate)
        importance = tf.broadcast_to(importance, tf.shape(wanted))
        if weights is not None:
            importance *= _take(weights, wanted, follows, 0.0)
        before = drawn[:, :, tf.newaxis] & (columns <= positions[:, :, tf.newaxis])
        before &= (window != NO_MOVIE)[:, tf.newaxis]
        history = tf.broadcast_to(window[:, tf.newaxis], tf.shape(before))
        return {
            "user_index": tf.repeat(user_index, config.positions),
            "window": tf.ensure_shape(window, [None, config.window]),
            "positions": tf.reshape(positions, [users, config.positions]),
            "history": _ragged(history, before),
            "targets": _ragged(targets, follows),
            "target_weights": _ragged(importance, follows),
        }


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


def _draw_positions(
    size: tf.Tensor, window: int, number: int, seed: tf.Tensor
) -> tuple[tf.Tensor, tf.Tensor]:
    """Draws positions of each window, each at most once.

    Args:
        size: Length of the windows, int32 [users].
        window: Their greatest length.
        number: Number of positions; windows that are shorter have fewer.
        seed: int64 [2].

    Returns:
        Positions int32 [users, number] and whether each counts, bool [users, number].
    """
    draws = tf.random.stateless_uniform([tf.shape(size)[0], window], seed)
    draws = tf.where(tf.range(window)[tf.newaxis] < size[:, tf.newaxis], draws, -1.0)
    draws = tf.pad(draws, [[0, 0], [0, max(0, number - window)]], constant_values=-1.0)
    best, positions = tf.math.top_k(draws, number)
    return tf.where(best >= 0, positions, 0), best >= 0


def _take(
    rows: tf.RaggedTensor, columns: tf.Tensor, present: tf.Tensor, missing: float = NO_MOVIE
) -> tf.Tensor:
    """Returns the values of ragged rows [users, None] at columns [users, …], else `missing`."""
    starts = tf.reshape(rows.row_splits[:-1], [-1] + [1] * (len(columns.shape) - 1))
    places = tf.cast(columns, starts.dtype) + starts
    values = tf.gather(rows.flat_values, tf.where(present, places, 0))
    return tf.where(present, values, tf.cast(missing, values.dtype))


def _ragged(values: tf.Tensor, present: tf.Tensor) -> tf.RaggedTensor:
    """Returns what is present of [users, p, n] as ragged [users · p, None]."""
    rows = tf.reshape(present, [-1, tf.shape(present)[2]])
    return tf.RaggedTensor.from_row_lengths(
        tf.boolean_mask(values, present),
        tf.reduce_sum(tf.cast(rows, tf.int64), axis=1),
        validate=False,
    )

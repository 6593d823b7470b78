"""Held-out targets: part of each history becomes what the rest has to predict."""

from __future__ import annotations

import tensorflow as tf


def draw_holdout(
    movies: tf.RaggedTensor, seed: tf.Tensor, *, minimum: float, maximum: float
) -> tf.RaggedTensor:
    """Marks what is held out: with p ~ U(minimum, maximum) per user, each movie is.

    Args:
        movies: ragged int32 [batch, None].
        seed: int64 [2]; the same seed gives the same split.
        minimum: Least probability of holding a movie out.
        maximum: Largest probability.

    Returns:
        ragged bool [batch, None]: whether a movie is a target; the others remain in the history.
    """
    share_seed, movie_seed = tf.unstack(tf.random.split(seed, 2))
    share = tf.random.stateless_uniform([movies.nrows()], share_seed, minimum, maximum)
    draws = tf.random.stateless_uniform(tf.shape(movies.flat_values), movie_seed)
    return movies.with_flat_values(draws < tf.gather(share, movies.value_rowids()))


def draw_kept(targets: tf.RaggedTensor, seed: tf.Tensor, pairs: int) -> tf.RaggedTensor:
    """Marks `pairs` of the targets on average, each with the same probability.

    Args:
        targets: ragged int32 [batch, None].
        seed: int64 [2].
        pairs: Expected number of targets that stay, if there are as many.

    Returns:
        ragged bool [batch, None].
    """
    total = tf.cast(tf.size(targets.flat_values), tf.float32)
    draws = tf.random.stateless_uniform(tf.shape(targets.flat_values), seed)
    return targets.with_flat_values(draws * total < pairs)

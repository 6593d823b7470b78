"""The largest products of a step."""

from __future__ import annotations

import tensorflow as tf

from components.trainer.config import Precision


def scores_of(queries: tf.Tensor, movies: tf.Tensor, precision: Precision) -> tf.Tensor:
    """Returns the dot products of all queries with all movies, float32 [queries, movies].

    With bfloat16 the factors, the scores and their gradients are rounded to it, which leaves them 8
    bits (mixed precision, Micikevicius et al. 2018, arXiv:1710.03740; bfloat16 has the range of
    float32, so the loss is not scaled). Devices add up the products as float32.

    Args:
        queries: float32 [queries, dim].
        movies: float32 [movies, dim].
        precision: Of the product, and of the two that its gradient takes.
    """
    if precision == "float32":
        return tf.matmul(queries, movies, transpose_b=True)
    factors = (tf.cast(factor, tf.bfloat16) for factor in (queries, movies))
    return tf.cast(tf.matmul(*factors, transpose_b=True), tf.float32)

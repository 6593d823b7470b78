"""Ragged movie indices as rows of zeros and ones."""

from __future__ import annotations

import tensorflow as tf


def multi_hot(movies: tf.RaggedTensor, depth: int) -> tf.Tensor:
    """Returns float32 [batch, depth]: 1 where the movie is in the row, also if it is there twice.

    Args:
        movies: Indices below `depth`; ragged int32 [batch, None].
        depth: Number of movies.
    """
    rows = tf.cast(movies.value_rowids(), tf.int32)
    places = tf.stack([rows, tf.cast(movies.flat_values, tf.int32)], axis=1)
    shape = tf.stack([tf.cast(movies.nrows(), tf.int32), depth])
    zeros = tf.zeros(shape)
    return tf.tensor_scatter_nd_update(zeros, places, tf.ones([tf.shape(places)[0]]))

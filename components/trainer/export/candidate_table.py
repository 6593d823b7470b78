"""The candidates' vectors, in memory as float32 or rounded to bfloat16.

Scores are always computed in float32, from vectors as they are stored: `gather` gives those.
"""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from components.trainer.config import Precision

# Vectors that are widened to float32 at once: 2 MB at dimension 64, which a cache holds.
_BLOCK = 8192


class CandidateTable(tf.Module):
    """Vectors by place; which movie has which place is up to the index.

    Attributes:
        size: Number of vectors.
        values: float32 or bfloat16 [size, dim].
    """

    def __init__(self, vectors: np.ndarray, precision: Precision) -> None:
        """Stores vectors float32 [size, dim]."""
        super().__init__(name="candidate_table")
        self.size = len(vectors)
        self.values = tf.Variable(tf.cast(vectors, tf.as_dtype(precision)), trainable=False)

    def gather(self, places: tf.Tensor) -> tf.Tensor:
        """Returns the vectors of places int32 [n]: float32 [n, dim]."""
        return tf.cast(tf.gather(self.values, places), tf.float32)

    def scores(self, queries: tf.Tensor) -> tf.Tensor:
        """Returns the dot products of queries float32 [batch, dim] with all vectors.

        Returns:
            float32 [batch, size].
        """
        if self.values.dtype == tf.float32:
            return tf.matmul(queries, self.values, transpose_b=True)
        blocks = self.size // _BLOCK
        whole = tf.map_fn(
            lambda block: self._block_scores(queries, block * _BLOCK, _BLOCK),
            tf.range(blocks),
            fn_output_signature=tf.float32,
        )
        whole = tf.reshape(tf.transpose(whole, [1, 0, 2]), [tf.shape(queries)[0], blocks * _BLOCK])
        rest = self._block_scores(queries, blocks * _BLOCK, self.size - blocks * _BLOCK)
        return tf.concat([whole, rest], axis=1)

    def _block_scores(self, queries: tf.Tensor, start: tf.Tensor, size: int) -> tf.Tensor:
        """Returns the products of queries with `size` vectors from `start` on: [batch, size]."""
        block = tf.cast(self.values[start : start + size], tf.float32)
        return tf.ensure_shape(tf.matmul(queries, block, transpose_b=True), [None, size])

"""Attention over the past of a position."""

from __future__ import annotations

import tensorflow as tf

from components.trainer.model.sequence.padding import Padding

_HIDDEN = -1e9


class CausalAttention(tf.keras.layers.Layer):
    """Each position attends to itself and to those before it.

    Dot products of queries and keys, with a learned bias for each head and distance in place of
    embeddings of positions (as in Raffel et al. 2020, arXiv:1910.10683, without buckets). With dim
    d and n positions a position costs 4 · d² + 2 · n · d multiplications.

    Attributes:
        bias: By head and distance, float32 [heads, window + 1].
    """

    def __init__(self, dim: int, heads: int, window: int, seed: int, name: str) -> None:
        """Initializes the layer.

        Args:
            dim: Width, a multiple of `heads`.
            heads: Number of heads.
            window: Greatest number of positions, but for one of padding.
            seed: Of the initial values.
            name: Name of the layer.
        """
        super().__init__(name=name)
        self._heads, self._width, self._window = heads, dim // heads, window

        # The values of Glorot's uniform start of three matrices of dim × dim.
        start = tf.keras.initializers.LecunUniform(seed=seed)
        self._inputs = tf.keras.layers.Dense(3 * dim, use_bias=False, kernel_initializer=start)
        start = tf.keras.initializers.GlorotUniform(seed=seed + 1)
        self._output = tf.keras.layers.Dense(dim, kernel_initializer=start)
        self.bias = self.add_weight(
            name="distance_bias", shape=[heads, window + 1], initializer="zeros"
        )

    def call(self, inputs: tf.Tensor, padding: Padding) -> tf.Tensor:
        """Returns float32 [values, dim].

        Args:
            inputs: Of all positions of all rows, float32 [values, dim].
            padding: Which of them are a row.
        """
        queries, keys, values = self._split(padding.pad(self._inputs(inputs)))
        scores = tf.matmul(queries * self._width**-0.5, keys, transpose_b=True)
        weights = tf.nn.softmax(scores + self._distances(padding.length))
        mixed = tf.transpose(tf.matmul(weights, values), [0, 2, 1, 3])
        rows, length = tf.shape(mixed)[0], tf.shape(mixed)[1]
        return self._output(
            padding.unpad(tf.reshape(mixed, [rows, length, self._heads * self._width]))
        )

    def _split(self, values: tf.Tensor) -> list[tf.Tensor]:
        """Returns three tensors float32 [rows, heads, n, dim / heads] of [rows, n, 3 · dim]."""
        shape = [tf.shape(values)[0], tf.shape(values)[1], 3, self._heads, self._width]
        return tf.unstack(tf.transpose(tf.reshape(values, shape), [2, 0, 3, 1, 4]))

    def _distances(self, length: tf.Tensor) -> tf.Tensor:
        """Returns what is added to the scores by distance, float32 [heads, n, n]."""
        positions = tf.range(length)
        ages = positions[:, tf.newaxis] - positions[tf.newaxis]
        bias = tf.gather(self.bias, tf.clip_by_value(ages, 0, self._window), axis=1)
        return tf.where(ages >= 0, bias, _HIDDEN)

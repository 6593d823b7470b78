"""Attention over the past of a position."""

from __future__ import annotations

import tensorflow as tf

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

        def dense(number: int, use_bias: bool = False) -> tf.keras.layers.Dense:
            start = tf.keras.initializers.GlorotUniform(seed=seed + number)
            return tf.keras.layers.Dense(dim, use_bias=use_bias, kernel_initializer=start)

        self._queries, self._keys, self._values = (dense(number) for number in range(3))
        self._output = dense(3, use_bias=True)
        self.bias = self.add_weight(
            name="distance_bias", shape=[heads, window + 1], initializer="zeros"
        )

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        """Returns float32 [batch, n, dim] of float32 [batch, n, dim]."""
        queries, keys, values = (
            self._split(layer(inputs)) for layer in (self._queries, self._keys, self._values)
        )
        scores = tf.matmul(queries, keys, transpose_b=True) * self._width**-0.5
        weights = tf.nn.softmax(scores + self._distances(tf.shape(inputs)[1]))
        mixed = tf.transpose(tf.matmul(weights, values), [0, 2, 1, 3])
        return self._output(tf.reshape(mixed, tf.shape(inputs)))

    def _split(self, values: tf.Tensor) -> tf.Tensor:
        """Returns float32 [batch, heads, n, dim / heads] of [batch, n, dim]."""
        shape = [tf.shape(values)[0], tf.shape(values)[1], self._heads, self._width]
        return tf.transpose(tf.reshape(values, shape), [0, 2, 1, 3])

    def _distances(self, length: tf.Tensor) -> tf.Tensor:
        """Returns what is added to the scores by distance, float32 [heads, n, n]."""
        positions = tf.range(length)
        ages = positions[:, tf.newaxis] - positions[tf.newaxis]
        bias = tf.gather(self.bias, tf.clip_by_value(ages, 0, self._window), axis=1)
        return tf.where(ages >= 0, bias, _HIDDEN)

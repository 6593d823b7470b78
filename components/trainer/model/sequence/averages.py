"""Averages over the past at several rates.

A position's average of rate τ is Σ_{s≤t} w(t-s) · x(s) with w(a) = exp(-a/τ): a product with one
lower triangular matrix, the same for all users. It does what attention by distance would do, for a
fraction of the cost, and needs no state in serving.
"""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from components.trainer.model.sequence.padding import Padding

# Of the heads, in positions; the last is the plain sum.
HEAD_RATES = (0.7, 1.5, 3.0, 6.0, 12.0, 25.0, 60.0, np.inf)
# An average is divided by the sum of its weights to this power: between a sum and a mean.
_NORMALISATION = 0.8


def past_matrices(length: tf.Tensor) -> tf.Tensor:
    """Returns w(t-s) / (Σ_s w(t-s))^.8 for s ≤ t, 0 else: float32 [heads, length, length]."""
    positions = tf.range(length, dtype=tf.float32)
    ages = positions[:, tf.newaxis] - positions[tf.newaxis]
    inverse = tf.constant(1.0 / np.array(HEAD_RATES), tf.float32)
    weights = tf.exp(-tf.maximum(ages, 0.0) * inverse[:, tf.newaxis, tf.newaxis])
    weights *= tf.cast(ages >= 0, tf.float32)
    return weights / tf.reduce_sum(weights, axis=2, keepdims=True) ** _NORMALISATION


class Averages(tf.keras.layers.Layer):
    """Gated averages of the past.

    Each head has its share of the channels and its own rate. With dim d and n positions a position
    costs 3 · d² + n · d multiplications.
    """

    def __init__(self, dim: int, seed: int, name: str) -> None:
        """Initializes the layer.

        Args:
            dim: Width, a multiple of the number of heads.
            seed: Of the initial values.
            name: Name of the layer.
        """
        super().__init__(name=name)

        def dense(number: int, **kwargs: object) -> tf.keras.layers.Dense:
            start = tf.keras.initializers.GlorotUniform(seed=seed + number)
            return tf.keras.layers.Dense(dim, kernel_initializer=start, **kwargs)

        self._values = dense(0, use_bias=False)
        self._gates = dense(1, activation=tf.nn.silu)
        self._mix = dense(2)
        self._dim = dim

    def call(self, inputs: tf.Tensor, padding: Padding, matrices: tf.Tensor) -> tf.Tensor:
        """Returns float32 [values, dim].

        Args:
            inputs: Of all positions of all rows, float32 [values, dim].
            padding: Which of them are a row.
            matrices: `past_matrices` of the longest row, float32 [heads, n, n].
        """
        past = padding.unpad(self._past(padding.pad(self._values(inputs)), matrices))
        return self._mix(past * self._gates(inputs))

    def _past(self, values: tf.Tensor, matrices: tf.Tensor) -> tf.Tensor:
        """Averages float32 [rows, n, dim] over the past, each head's channels at its rate."""
        rows, length, heads = tf.shape(values)[0], tf.shape(values)[1], len(HEAD_RATES)
        width = self._dim // heads
        # One product for each head: the channels of all rows side by side.
        split = tf.transpose(tf.reshape(values, [rows, length, heads, width]), [2, 1, 0, 3])
        averages = tf.matmul(matrices, tf.reshape(split, [heads, length, rows * width]))
        averages = tf.reshape(averages, [heads, length, rows, width])
        return tf.reshape(tf.transpose(averages, [2, 1, 0, 3]), [rows, length, self._dim])

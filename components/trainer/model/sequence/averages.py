"""Averages over the past at several rates, and the blocks that are made of them.

A position's average of rate τ is Σ_{s≤t} w(t-s) · x(s) with w(a) = exp(-a/τ): a product with one
lower triangular matrix, the same for all users. It does what attention by distance would do, for a
fraction of the cost, and needs no state in serving.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import tensorflow as tf

# Of the heads of a block, in positions; the last is the plain sum.
HEAD_RATES = (0.7, 1.5, 3.0, 6.0, 12.0, 25.0, 60.0, np.inf)
# An average is divided by the sum of its weights to this power: between a sum and a mean.
_NORMALISATION = 0.8


def decay_matrices(rates: Sequence[float], length: tf.Tensor, exponent: float = 0.0) -> tf.Tensor:
    """Returns w(t-s) / (Σ_s w(t-s))^exponent for s ≤ t, 0 else: float32 [rates, length, length]."""
    positions = tf.range(length, dtype=tf.float32)
    ages = positions[:, tf.newaxis] - positions[tf.newaxis]
    inverse = tf.constant([0.0 if np.isinf(rate) else 1.0 / rate for rate in rates], tf.float32)
    weights = tf.exp(-tf.maximum(ages, 0.0) * inverse[:, tf.newaxis, tf.newaxis])
    weights *= tf.cast(ages >= 0, tf.float32)
    if not exponent:
        return weights
    return weights / tf.reduce_sum(weights, axis=2, keepdims=True) ** exponent


class AverageBlock(tf.keras.layers.Layer):
    """A residual block: gated averages of the past, then a feed-forward network.

    Each head has its share of the channels and its own rate. With dim d and n positions a position
    costs 7 · d² + n · d multiplications.
    """

    def __init__(self, dim: int, dropout: float, seed: int, name: str) -> None:
        """Initializes the block.

        Args:
            dim: Width, a multiple of the number of heads.
            dropout: Of what is added to the input.
            seed: Of initial values and dropout.
            name: Name of the layer.
        """
        super().__init__(name=name)

        def dense(units: int, number: int, **kwargs: object) -> tf.keras.layers.Dense:
            start = tf.keras.initializers.GlorotUniform(seed=seed + number)
            return tf.keras.layers.Dense(units, kernel_initializer=start, **kwargs)

        self._norms = [tf.keras.layers.LayerNormalization(epsilon=1e-5) for _ in range(2)]
        self._values = dense(dim, 0, use_bias=False)
        self._gates = dense(dim, 1, activation=tf.nn.silu)
        self._mix = dense(dim, 2)
        self._wide = dense(2 * dim, 3, activation=tf.nn.gelu)
        self._narrow = dense(dim, 4)
        self._drops = [tf.keras.layers.Dropout(dropout, seed=seed + number) for number in range(2)]
        self._dim = dim

    def call(
        self, inputs: tf.Tensor, present: tf.Tensor, matrices: tf.Tensor, training: bool = False
    ) -> tf.Tensor:
        """Returns float32 [batch, n, dim].

        Args:
            inputs: float32 [batch, n, dim].
            present: 1 where there is a movie, 0 behind the end; float32 [batch, n, 1].
            matrices: `decay_matrices` of HEAD_RATES, float32 [heads, n, n].
            training: Whether dropout applies.
        """
        normal = self._norms[0](inputs) * present
        past = self._past(self._values(normal), matrices)
        mixed = self._mix(past * self._gates(normal))
        inputs += self._drops[0](mixed, training=training)
        widened = self._narrow(self._wide(self._norms[1](inputs)))
        return inputs + self._drops[1](widened, training=training)

    def _past(self, values: tf.Tensor, matrices: tf.Tensor) -> tf.Tensor:
        """Averages float32 [batch, n, dim] over the past, each head's channels at its rate."""
        length, heads = tf.shape(values)[1], len(HEAD_RATES)
        split = tf.reshape(values, [-1, length, heads, self._dim // heads])
        averages = tf.matmul(matrices[:, tf.newaxis], tf.transpose(split, [2, 0, 1, 3]))
        return tf.reshape(tf.transpose(averages, [1, 2, 0, 3]), [-1, length, self._dim])


def past_matrices(length: tf.Tensor) -> tf.Tensor:
    """Returns the matrices that an AverageBlock takes, float32 [heads, length, length]."""
    return decay_matrices(HEAD_RATES, length, _NORMALISATION)

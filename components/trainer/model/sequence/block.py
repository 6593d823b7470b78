"""A layer of the tower: averages, attention and a feed-forward network."""

from __future__ import annotations

from collections.abc import Callable

import tensorflow as tf

from components.trainer.model.sequence.attention import CausalAttention
from components.trainer.model.sequence.averages import Averages
from components.trainer.model.sequence.padding import Padding

_ATTENTION_HEADS = 2


class Block(tf.keras.layers.Layer):
    """Adds to its input what three parts make of it, one after the other.

    Each part gets the normalised sum so far, and what it adds is dropped out. With dim d and n
    positions a position costs 11 · d² + 3 · n · d multiplications, 4 · d² of them in the
    feed-forward network, which sees no other position.
    """

    def __init__(self, dim: int, window: int, dropout: float, seed: int, name: str) -> None:
        """Initializes the block.

        Args:
            dim: Width.
            window: Greatest number of positions, but for one of padding.
            dropout: Of what each part adds.
            seed: Of initial values and dropout.
            name: Name of the layer.
        """
        super().__init__(name=name)
        self._averages = Averages(dim, seed, "averages")
        self._attention = CausalAttention(dim, _ATTENTION_HEADS, window, seed + 3, "attention")
        starts = [tf.keras.initializers.GlorotUniform(seed=seed + 7 + part) for part in range(2)]
        self._wide = tf.keras.layers.Dense(
            2 * dim, activation=tf.nn.gelu, kernel_initializer=starts[0]
        )
        self._narrow = tf.keras.layers.Dense(dim, kernel_initializer=starts[1])
        self._norms = [tf.keras.layers.LayerNormalization(epsilon=1e-5) for _ in range(3)]
        self._drops = [tf.keras.layers.Dropout(dropout, seed=seed + part) for part in range(3)]

    def call(
        self,
        inputs: tf.Tensor,
        padding: Padding,
        matrices: tf.Tensor,
        wanted: tf.Tensor | None = None,
        training: bool = False,
    ) -> tf.Tensor:
        """Returns float32 [values, dim], or [wanted, dim].

        Args:
            inputs: Of all positions of all rows, float32 [values, dim].
            padding: Which of them are a row.
            matrices: `past_matrices` of the longest row, float32 [heads, n, n].
            wanted: The values whose result is of use, int [wanted]; None for all.
            training: Whether dropout applies.
        """
        inputs = self._add(
            0, inputs, lambda normal: self._averages(normal, padding, matrices), training
        )
        inputs = self._add(1, inputs, lambda normal: self._attention(normal, padding), training)
        if wanted is not None:
            inputs = tf.gather(inputs, wanted)
        return self._add(2, inputs, lambda normal: self._narrow(self._wide(normal)), training)

    def _add(
        self, number: int, inputs: tf.Tensor, part: Callable[[tf.Tensor], tf.Tensor], training: bool
    ) -> tf.Tensor:
        """Adds to float32 [values, dim] what part `number` makes of it."""
        added = part(self._norms[number](inputs))
        return inputs + self._drops[number](added, training=training)

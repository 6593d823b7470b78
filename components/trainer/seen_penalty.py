"""A learned penalty on movies of the history: a seen filter inside the score."""

from __future__ import annotations

import tensorflow as tf


class SeenPenalty(tf.keras.layers.Layer):
    """Lowers the score of movie i by C_i where i is in the history.

    A dot product with one more dimension per movie. Embeddings then need not learn to demote what a
    user has seen, which costs them accuracy on what the user has not.

    Attributes:
        penalty: C, float32 [movies + 1].
    """

    def __init__(self, movies: int, start: float, name: str = "seen_penalty") -> None:
        """Initializes C with `start` for each of `movies` rows."""
        super().__init__(name=name)
        self.penalty = self.add_weight(
            name="penalty_bias",
            shape=[movies],
            initializer=tf.keras.initializers.Constant(start),
        )

    def call(self, history: tf.Tensor) -> tf.Tensor:
        """Returns what to subtract from scores: float32 [batch, movies], as multi-hot `history`."""
        return history * self.penalty

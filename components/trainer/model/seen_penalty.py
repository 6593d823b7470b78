"""A learned penalty on movies of the history: a seen filter inside the score."""

from __future__ import annotations

import tensorflow as tf

from components.trainer.model.ragged import coordinates


class SeenPenalty(tf.keras.layers.Layer):
    """Lowers the score of movie i by C_i where i is in the history.

    A dot product with one more dimension per movie. Embeddings then need not learn to demote seen
    movies, which would cost accuracy on the unseen ones.

    Attributes:
        penalty: C, float32 [movies + 1].
    """

    def __init__(self, movies: int, start: float) -> None:
        """Initializes C with `start` for each of `movies` rows."""
        super().__init__(name="seen_penalty")
        self.penalty = self.add_weight(
            name="penalty_bias",
            shape=[movies],
            initializer=tf.keras.initializers.Constant(start),
        )

    def call(self, scores: tf.Tensor, history: tf.RaggedTensor) -> tf.Tensor:
        """Lowers `scores` float32 [batch, movies] where `history`, ragged int, has the movie."""
        pairs = coordinates(history)
        return tf.tensor_scatter_nd_sub(scores, pairs, tf.gather(self.penalty, pairs[:, 1]))

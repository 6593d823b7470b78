"""A learned penalty on movies of the history: a seen filter inside the score."""

from __future__ import annotations

import tensorflow as tf

from components.trainer.model.ragged import add_at, coordinates


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

    def call(
        self, scores: tf.Tensor, history: tf.RaggedTensor, movies: tf.Tensor | None = None
    ) -> tf.Tensor:
        """Lowers `scores` float32 [batch, movies] where `history`, ragged int, has the movie.

        Args:
            scores: Of all movies, or of some.
            history: Columns of the scores, ragged int [batch, None].
            movies: The movie of each column, int [columns]; None where it is the column's number.
        """
        pairs = coordinates(history)
        penalty = self.penalty if movies is None else tf.gather(self.penalty, movies)
        return add_at(scores, pairs, -tf.gather(penalty, pairs[:, 1]))

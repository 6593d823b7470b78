"""The transitions as more dimensions of both towers, beside the trained ones."""

from __future__ import annotations

import tensorflow as tf

from components.trainer.model.ragged import decays, sum_rows
from components.trainer.model.sequence.transitions import RATES, Transitions


class TransitionPart(tf.keras.layers.Layer):
    """Sums fixed rows of the history's movies, newer movies more.

    Attributes:
        table: Of the candidates, float32 [movies + 1, rank], not trained; OOV, last, is zero.
        factor: What the scores are multiplied by, a float32 scalar, not trained.
    """

    def __init__(self, transitions: Transitions) -> None:
        """Initializes the layer with its tables and the factor 1."""
        super().__init__(name="transition_part")
        self.table = self._fixed("candidates", transitions.candidates)
        self._queries = [
            self._fixed(f"queries_{number}", table)
            for number, table in enumerate(transitions.queries)
        ]
        self.factor = self._fixed("factor", tf.ones([]))

    def _fixed(self, name: str, values: tf.Tensor) -> tf.Variable:
        variable = self.add_weight(
            name=name, shape=values.shape, initializer="zeros", trainable=False
        )
        variable.assign(values)
        return variable

    def call(self, history: tf.RaggedTensor, weights: tf.RaggedTensor | None = None) -> tf.Tensor:
        """Returns the query embeddings of histories: float32 [batch, rank].

        Args:
            history: Oldest movie first, ragged int [batch, None].
            weights: Not used: what comes next follows from what was watched, not from how much.
        """
        parts = [
            sum_rows(table, history, decays(history, rate))
            for table, rate in zip(self._queries, RATES, strict=True)
        ]
        return self.factor * tf.add_n(parts)

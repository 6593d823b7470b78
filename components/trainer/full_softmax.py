"""Retrieval as classification: softmax over the whole catalogue."""

from __future__ import annotations

import tensorflow as tf
import tensorflow_recommenders as tfrs


class FullSoftmax(tf.keras.layers.Layer, tfrs.tasks.Task):
    """Cross-entropy of each user's targets under a softmax over all candidates.

    Where `tfrs.tasks.Retrieval` takes one (query, candidate) pair a row and the other candidates of
    the batch as negatives, this takes one user a row, all the user's targets at once, and every
    candidate as negative: no sampling, so nothing to correct.
    """

    def __init__(self, temperature: float = 1.0, name: str = "full_softmax") -> None:
        """Initializes the task with the temperature that divides the scores."""
        super().__init__(name=name)
        self._temperature = temperature

    def call(self, scores: tf.Tensor, targets: tf.Tensor) -> tf.Tensor:
        """Returns -Σ log p(target) / number of targets, a float32 scalar.

        Args:
            scores: float32 [batch, candidates].
            targets: multi-hot float32 [batch, candidates]; a row may be empty.
        """
        counts = tf.reduce_sum(targets, axis=1)
        labels = targets / tf.maximum(counts, 1.0)[:, tf.newaxis]
        # The fused op wants distributions; each row counts as often as it has targets.
        entropy = tf.nn.softmax_cross_entropy_with_logits(labels, scores / self._temperature)
        return tf.reduce_sum(entropy * counts) / tf.maximum(tf.reduce_sum(counts), 1.0)

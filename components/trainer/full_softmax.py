"""Retrieval as classification: softmax over the whole catalogue."""

from __future__ import annotations

import numpy as np
import tensorflow as tf
import tensorflow_recommenders as tfrs

from components.trainer.pooling import coordinates


class FullSoftmax(tf.keras.layers.Layer, tfrs.tasks.Task):
    """Cross-entropy of each user's targets under a softmax over all candidates.

    Where `tfrs.tasks.Retrieval` takes one (query, candidate) pair a row and the other candidates of
    the batch as negatives, this takes one user a row, all the user's targets at once, and every
    candidate as negative: no sampling, so nothing to correct.
    """

    def __init__(
        self,
        temperature: float = 1.0,
        smoothing: float = 0.0,
        prior: np.ndarray | None = None,
        name: str = "full_softmax",
    ) -> None:
        """Initializes the task.

        Args:
            temperature: Divides the scores.
            smoothing: Share of the labels' mass that follows `prior` instead of the targets
                (unigram label smoothing, Pereyra et al. 2017, arXiv:1701.06548).
            prior: A distribution over the candidates, float [candidates]; by default uniform.
            name: Name of the layer.
        """
        super().__init__(name=name)
        self._temperature = temperature
        self._smoothing = smoothing
        self._prior = None if prior is None else tf.constant(prior, tf.float32)

    def call(self, scores: tf.Tensor, targets: tf.RaggedTensor) -> tf.Tensor:
        """Returns the mean cross-entropy over the targets, a float32 scalar.

        Args:
            scores: float32 [batch, candidates].
            targets: Indices of candidates, ragged int [batch, None]; a row may be empty.
        """
        counts = tf.cast(targets.row_lengths(), tf.float32)
        # The fused op wants distributions; each row counts as often as it has targets.
        entropy = tf.nn.softmax_cross_entropy_with_logits(
            self._labels(targets, counts, tf.shape(scores)), scores / self._temperature
        )
        return tf.reduce_sum(entropy * counts) / tf.maximum(tf.reduce_sum(counts), 1.0)

    def _labels(self, targets: tf.RaggedTensor, counts: tf.Tensor, shape: tf.Tensor) -> tf.Tensor:
        """Returns distributions over the candidates, float32 [batch, candidates]."""
        prior = 1.0 / tf.cast(shape[1], tf.float32) if self._prior is None else self._prior
        share = (1.0 - self._smoothing) / tf.maximum(counts, 1.0)
        places = coordinates(targets)
        background = tf.broadcast_to(self._smoothing * prior, shape)
        return tf.tensor_scatter_nd_add(background, places, tf.gather(share, places[:, 0]))

"""Retrieval as classification: softmax over the whole catalogue."""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from components.trainer.model.softmax_loss import CatalogueSoftmax


class FullSoftmax(CatalogueSoftmax):
    """Every candidate is a negative: no sampling, so nothing to correct."""

    def __init__(
        self,
        temperature: float = 1.0,
        smoothing: float = 0.0,
        prior: np.ndarray | None = None,
    ) -> None:
        """Initializes the task.

        Args:
            temperature: Divides the scores.
            smoothing: Share of the labels' mass that follows `prior` instead of the targets.
            prior: A distribution over the candidates, float [candidates]; None without smoothing.
        """
        super().__init__("full_softmax", temperature, smoothing)
        self._prior = None if prior is None else tf.constant(prior, tf.float32)

    def call(
        self, scores: tf.Tensor, targets: tf.RaggedTensor, weights: tf.RaggedTensor | None = None
    ) -> tf.Tensor:
        """Returns the mean cross-entropy over the targets, a float32 scalar.

        Args:
            scores: float32 [batch, candidates].
            targets: Indices of candidates, ragged int [batch, None]; a row may be empty.
            weights: Of the targets, more than 0; ragged float32 [batch, None].
        """
        return self.cross_entropy(self.tempered(scores), targets, weights, self._prior)

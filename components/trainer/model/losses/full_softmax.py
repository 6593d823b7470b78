"""Retrieval as classification: softmax over the whole catalogue."""

from __future__ import annotations

import tensorflow as tf

from components.trainer.model.losses.softmax_loss import CatalogueSoftmax


class FullSoftmax(CatalogueSoftmax):
    """Every candidate is a negative: no sampling, so nothing to correct."""

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

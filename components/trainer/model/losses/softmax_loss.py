"""Cross-entropy of users' targets under a softmax: what the full and the sampled one share."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import tensorflow as tf
import tensorflow_recommenders as tfrs

from components.trainer.model.ragged import add_at, coordinates


class CatalogueSoftmax(tf.keras.layers.Layer, tfrs.tasks.Task):
    """A task with one user a row, all the user's targets at once, and many candidates.

    `tfrs.tasks.Retrieval` takes one (query, candidate) pair a row and the other candidates of the
    batch as negatives.
    """

    def __init__(
        self, temperature: float = 1.0, smoothing: float = 0.0, prior: np.ndarray | None = None
    ) -> None:
        """Initializes the task.

        Args:
            temperature: Divides the scores.
            smoothing: Share of the labels' mass that follows `prior` instead of the targets
                (unigram label smoothing, Pereyra et al. 2017, arXiv:1701.06548).
            prior: Each movie's share of the interactions, OOV last, float [movies + 1]; None where
                nothing asks for it.
        """
        super().__init__()
        self._temperature, self._smoothing = temperature, smoothing
        self._prior: tf.Tensor = None if prior is None else tf.constant(prior, tf.float32)

    def tempered(self, scores: tf.Tensor) -> tf.Tensor:
        """Returns the scores divided by the temperature."""
        return scores / self._temperature if self._temperature != 1.0 else scores

    def cross_entropy(
        self,
        scores: tf.Tensor,
        targets: tf.RaggedTensor,
        weights: tf.RaggedTensor | None,
        prior: tf.Tensor,
    ) -> tf.Tensor:
        """Returns the mean cross-entropy over the targets, a float32 scalar.

        With weights it is Σ weight · cross-entropy / Σ weight: a target of weight 2 counts as two
        of weight 1.

        Args:
            scores: float32 [batch, candidates].
            targets: Indices of candidates, ragged int [batch, None]; a row may be empty.
            weights: Of the targets, more than 0; ragged float32 [batch, None].
            prior: A distribution over the candidates, float32 [candidates]; None without smoothing.
        """
        if weights is None:
            counts = tf.cast(targets.row_lengths(), tf.float32)
            total = tf.maximum(tf.reduce_sum(counts), 1.0)
        else:
            counts = tf.reduce_sum(weights, axis=1)
            total = tf.reduce_sum(counts)
            total = tf.where(total > 0, total, 1.0)
        return _cross_entropy(
            scores,
            coordinates(targets),
            (1.0 - self._smoothing) / total,
            counts / total,
            self._smoothing * prior if self._smoothing else None,
            None if weights is None else weights.flat_values,
        )


def _cross_entropy(
    scores: tf.Tensor,
    positions: tf.Tensor,
    share: tf.Tensor,
    masses: tf.Tensor,
    background: tf.Tensor | None,
    weights: tf.Tensor | None,
) -> tf.Tensor:
    """Returns the cross-entropy of softmax(scores) to labels at a few positions and a background.

    The labels are never written out: with their [batch, candidates] and TensorFlow's fused op a
    training takes a fifth longer.

    Args:
        scores: float32 [batch, candidates].
        positions: (row, candidate) of each target, int64 [targets, 2].
        share: Mass of the labels at each of them, a scalar, times its weight.
        masses: Mass of the labels of each row, float32 [batch].
        background: Share of a row's mass at each candidate, float32 [candidates]; None for none.
        weights: float32 [targets]; None where all are 1.
    """

    @tf.custom_gradient
    def entropy(scores: tf.Tensor) -> tuple[tf.Tensor, Callable[[tf.Tensor], tf.Tensor]]:
        odds = tf.nn.softmax(scores)
        # log Σ exp(scores): of the largest score odds = exp(score - log Σ), and is no small number.
        logs = tf.reduce_max(scores, axis=1) - tf.math.log(tf.reduce_max(odds, axis=1))
        at_targets = tf.gather_nd(scores, positions) - tf.gather(logs, positions[:, 0])
        loss = -share * tf.reduce_sum(at_targets if weights is None else weights * at_targets)
        if background is not None:
            expected = tf.linalg.matvec(scores, background) - logs * tf.reduce_sum(background)
            loss -= tf.reduce_sum(masses * expected)

        def gradient(upstream: tf.Tensor) -> tf.Tensor:
            rest = odds if background is None else odds - background
            dense = rest * (upstream * masses)[:, tf.newaxis]
            sparse = tf.fill([tf.shape(positions)[0]], upstream * share)
            if weights is not None:
                sparse *= weights
            return add_at(dense, positions, -sparse)

        return loss, gradient

    return entropy(scores)

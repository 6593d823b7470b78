"""Retrieval as classification, with a sample of the catalogue in place of all of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import tensorflow as tf

from components.trainer.model.losses.softmax_loss import CatalogueSoftmax
from components.trainer.model.ragged import coordinates


@dataclass(frozen=True)
class Candidates:
    """The movies whose scores a step computes, and all movies whose rows it reads.

    Attributes:
        movies: The movies that the step uses, each once, the candidates first; int32 [used].
        number: Number of candidates.
        targets: Position of each target among them, ragged int32 [batch, None].
        history: Position of each movie of a history in `movies`, ragged int32 [batch, None].
    """

    movies: tf.Tensor
    number: tf.Tensor
    targets: tf.RaggedTensor
    history: tf.RaggedTensor

    def seen(self) -> tf.RaggedTensor:
        """Returns the candidates in each history, ragged int32 [batch, None]."""
        return tf.ragged.boolean_mask(
            self.history, self.history.with_flat_values(self.history.flat_values < self.number)
        )


def draw_candidates(
    targets: tf.RaggedTensor, history: tf.RaggedTensor, negatives: int, movies: int, seed: int
) -> Candidates:
    """Returns the targets of a step and `negatives` movies drawn uniformly, each movie once.

    Args:
        targets: ragged int32 [batch, None].
        history: ragged int32 [batch, None].
        negatives: Number of draws.
        movies: Number of movies, OOV included.
        seed: Seed of the draws.
    """
    drawn = tf.random.uniform([negatives], maxval=movies, dtype=tf.int32, seed=seed)
    parts = [targets.flat_values, drawn, history.flat_values]
    # In the order of their first appearance: so the candidates come first.
    used, positions = tf.unique(tf.concat(parts, axis=0))
    at_targets, at_drawn, at_history = tf.split(positions, [tf.size(part) for part in parts])
    number = 1 + tf.maximum(tf.reduce_max(at_targets, axis=0), tf.reduce_max(at_drawn, axis=0))
    return Candidates(
        used,
        number,
        targets.with_flat_values(at_targets),
        history.with_flat_values(at_history),
    )


class SampledSoftmax(CatalogueSoftmax):
    """FullSoftmax with an estimate of each user's partition function Σ exp(score).

    The candidates of a step are the targets of all its users and movies drawn uniformly. Movie j is
    among them with probability π_j ≈ 1 - exp(-(n_t · share_j + n_d / movies)), for n_t targets,
    which are as frequent as the movie's share of the interactions, and n_d draws. The sum of
    exp(score_j) / π_j over the candidates is an unbiased estimate of the sum over all movies
    (Horvitz and Thompson, JASA 47, 1952); a user's own targets are there for certain, with π = 1.
    That is the logQ correction (Bengio and Senécal 2008; Yi et al., RecSys 2019) for a mixture of
    in-batch and uniform negatives (Yang et al. 2020), and each draw serves all users of the step.
    """

    def __init__(
        self, negatives: int, prior: np.ndarray, temperature: float = 1.0, smoothing: float = 0.0
    ) -> None:
        """Initializes the task.

        Args:
            negatives: Number of movies drawn uniformly in a step.
            prior: Each movie's share of the interactions, OOV last; float [movies + 1].
            temperature: As in CatalogueSoftmax.
            smoothing: As in CatalogueSoftmax.
        """
        super().__init__(temperature, smoothing, prior)
        self._draws = negatives / len(prior)

    def call(
        self,
        scores: tf.Tensor,
        candidates: Candidates,
        weights: tf.RaggedTensor | None = None,
    ) -> tf.Tensor:
        """Returns the mean cross-entropy over the targets, a float32 scalar.

        Args:
            scores: Of the candidates, float32 [batch, candidates].
            candidates: Which they are.
            weights: Of the targets, more than 0; ragged float32 [batch, None].
        """
        share = tf.gather(self._prior, candidates.movies[: candidates.number])
        targets = tf.cast(tf.size(candidates.targets.flat_values), tf.float32)
        probability = -tf.math.expm1(-(targets * share + self._draws))
        tempered = self.tempered(scores)
        own = coordinates(candidates.targets)
        scores = tf.tensor_scatter_nd_update(
            tempered - tf.math.log(probability), own, tf.gather_nd(tempered, own)
        )
        background = share / probability
        return self.cross_entropy(
            scores, candidates.targets, weights, background / tf.reduce_sum(background)
        )

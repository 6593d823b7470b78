"""What a batch shows a model of a user's movies: the kinds of batches that query towers take.

A batch is a dict of `user_index` int32 [batch], `history` ragged int32 [batch, None] and `targets`
ragged int32 [batch, None]: what each user watched, and what the model has to predict. Where
interactions have weights, `target_weights` and `history_weights`, ragged float32 [batch, None], are
parallel to them.
"""

from __future__ import annotations

from abc import ABC, abstractmethod

import tensorflow as tf

from components.trainer.config import TrainerConfig
from components.trainer.inputs.holdout import draw_holdout, draw_kept

Batch = dict[str, tf.Tensor | tf.RaggedTensor]


class Batching(ABC):
    """A kind of batches.

    Attributes:
        in_time: Whether the order of the movies counts: then the last ones are kept for validation.
    """

    in_time = False

    def takes_pairs(self, config: TrainerConfig) -> bool:
        """Says whether a step takes interactions instead of users; a history belongs to a user."""
        return False

    @abstractmethod
    def batch(
        self,
        config: TrainerConfig,
        step: tf.Tensor,
        user_index: tf.Tensor,
        movies: tf.RaggedTensor,
        weights: tf.RaggedTensor | None = None,
    ) -> Batch:
        """Returns the batch of one step.

        Args:
            config: Settings.
            step: Number of the step, an int64 scalar; random draws depend on it and the seed only.
            user_index: int32 [batch].
            movies: Movies of each user, one in each row where steps take pairs; ragged int32
                [batch, None].
            weights: Weights of these interactions, if they have any; ragged float32 [batch, None].
        """


class HeldOutTargets(Batching):
    """Part of each history is held out at random, to be predicted from the rest."""

    def batch(
        self,
        config: TrainerConfig,
        step: tf.Tensor,
        user_index: tf.Tensor,
        movies: tf.RaggedTensor,
        weights: tf.RaggedTensor | None = None,
    ) -> Batch:
        """Returns the batch of one step; with `in_batch` about `batch_pairs` targets are kept."""
        seed = tf.stack([tf.constant(config.seed, tf.int64), step])
        held = draw_holdout(movies, seed, minimum=config.holdout_min, maximum=config.holdout_max)
        rest = _masked(_history(movies, weights), tf.logical_not(held))
        targets = _masked(_targets(movies, weights), held)
        if config.loss == "in_batch":
            targets = _masked(targets, draw_kept(targets["targets"], seed, config.batch_pairs))
        return {"user_index": user_index, **rest, **targets}


class AllTargets(Batching):
    """All movies are targets; the history is empty."""

    def takes_pairs(self, config: TrainerConfig) -> bool:
        """Says whether a step takes interactions: where the loss scores pairs."""
        return config.loss == "in_batch"

    def batch(
        self,
        config: TrainerConfig,
        step: tf.Tensor,
        user_index: tf.Tensor,
        movies: tf.RaggedTensor,
        weights: tf.RaggedTensor | None = None,
    ) -> Batch:
        """Returns the batch of one step."""
        return {"user_index": user_index, "history": movies[:, :0], **_targets(movies, weights)}


def _targets(movies: tf.RaggedTensor, weights: tf.RaggedTensor | None) -> Batch:
    """Returns the part of a batch that the loss is about."""
    return (
        {"targets": movies} if weights is None else {"targets": movies, "target_weights": weights}
    )


def _history(movies: tf.RaggedTensor, weights: tf.RaggedTensor | None) -> Batch:
    """Returns the part of a batch that the query tower pools."""
    if weights is None:
        return {"history": movies}
    return {"history": movies, "history_weights": weights}


def _masked(parts: Batch, mask: tf.RaggedTensor) -> Batch:
    """Returns what a mask, ragged bool [batch, None], leaves of each part."""
    return {name: tf.ragged.boolean_mask(part, mask) for name, part in parts.items()}

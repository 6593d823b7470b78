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
from components.trainer.inputs.user_rows import UserRows

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
    def batch(self, config: TrainerConfig, step: tf.Tensor, rows: UserRows) -> Batch:
        """Returns the batch of one step.

        Args:
            config: Settings.
            step: Number of the step, an int64 scalar; random draws depend on it and the seed only.
            rows: The users of the step and their movies, one in each row where steps take pairs.
        """


class HeldOutTargets(Batching):
    """Part of each history is held out at random, to be predicted from the rest."""

    def batch(self, config: TrainerConfig, step: tf.Tensor, rows: UserRows) -> Batch:
        """Returns the batch of one step; with `in_batch` about `batch_pairs` targets are kept."""
        seed = tf.stack([tf.constant(config.seed, tf.int64), step])
        held = draw_holdout(
            rows.movies, seed, minimum=config.holdout_min, maximum=config.holdout_max
        )
        rest = _masked(_parts(rows, "history", "history_weights"), tf.logical_not(held))
        targets = _masked(_parts(rows, "targets", "target_weights"), held)
        if config.loss == "in_batch":
            targets = _masked(targets, draw_kept(targets["targets"], seed, config.batch_pairs))
        return {"user_index": rows.user_index, **rest, **targets}


class AllTargets(Batching):
    """All movies are targets; the history is empty."""

    def takes_pairs(self, config: TrainerConfig) -> bool:
        """Says whether a step takes interactions: where the loss scores pairs."""
        return config.loss == "in_batch"

    def batch(self, config: TrainerConfig, step: tf.Tensor, rows: UserRows) -> Batch:
        """Returns the batch of one step."""
        targets = _parts(rows, "targets", "target_weights")
        return {"user_index": rows.user_index, "history": rows.movies[:, :0], **targets}


def _parts(rows: UserRows, movies: str, weights: str) -> Batch:
    """Returns the movies of the rows, and their weights where there are any, by these names."""
    return dict(zip((movies, weights), rows.columns()[1:], strict=False))


def _masked(parts: Batch, mask: tf.RaggedTensor) -> Batch:
    """Returns what a mask, ragged bool [batch, None], leaves of each part."""
    return {name: tf.ragged.boolean_mask(part, mask) for name, part in parts.items()}

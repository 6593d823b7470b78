"""A step on several devices: what each contributes to the loss of the whole batch."""

from __future__ import annotations

import tensorflow as tf


def targets_weight(targets: tf.RaggedTensor, weights: tf.RaggedTensor | None) -> tf.Tensor:
    """Returns the total weight of a batch's targets, a float32 scalar; each counts 1 by default."""
    if weights is None:
        return tf.cast(tf.size(targets.flat_values), tf.float32)
    return tf.reduce_sum(weights.flat_values)


def share_of_step(weight: tf.Tensor) -> tf.Tensor:
    """Returns the share that this replica has of a step's weight, a float32 scalar in [0, 1].

    The sum over replicas of share × weighted mean is the weighted mean of the whole batch.

    Args:
        weight: Total weight of the replica's targets, a float32 scalar; 0 in an empty part.
    """
    context = tf.distribute.get_replica_context()
    if context is None or context.num_replicas_in_sync == 1:
        return tf.ones([])
    total = context.all_reduce(tf.distribute.ReduceOp.SUM, weight)
    return tf.math.divide_no_nan(weight, total)

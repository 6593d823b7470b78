"""How much of the exact lists an approximate index gives, measured inside the exported model."""

from __future__ import annotations

from collections.abc import Callable

import tensorflow as tf

from components.contracts.saved_model import NOT_MEASURED
from components.trainer.export.scores import LOWEST, Best, occurrences

# Exact lists cost a product with the whole catalogue. Of many users every 16th is measured, which
# leaves hundreds of any evaluation: enough for ±.003.
_MANY_USERS = 16_000
_EVERY = 16


def is_measured(user_id: tf.Tensor, known: tf.Tensor, users: int) -> tf.Tensor:
    """Says for which users the index is compared with the exact lists.

    Args:
        user_id: string [batch].
        known: Whether the model knows them, bool [batch].
        users: How many it knows.

    Returns:
        bool [batch]; the same for the same user in every batch.
    """
    if users < _MANY_USERS:
        return known
    return known & (tf.strings.to_hash_bucket_fast(user_id, _EVERY) == 0)


def list_recall(listed: Best, exact: Callable[[tf.Tensor], Best], measured: tf.Tensor) -> tf.Tensor:
    """Returns the share of the exact list that is in the list of the index.

    Args:
        listed: What the index gives, [batch, k].
        exact: Exact lists of the users at these positions, int64 [n] → [n, k].
        measured: Of whom, bool [batch].

    Returns:
        float32 [batch], NOT_MEASURED for the others.
    """
    users = tf.where(measured)[:, 0]
    scores, rows = exact(users)
    there = tf.cast(scores > LOWEST, tf.float32)
    found = occurrences(rows, tf.RaggedTensor.from_tensor(tf.gather(listed[1], users)))
    shares = tf.math.divide_no_nan(
        tf.reduce_sum(tf.cast(found > 0, tf.float32) * there, axis=1), tf.reduce_sum(there, axis=1)
    )
    nothing = tf.fill(tf.shape(measured), NOT_MEASURED)
    return tf.tensor_scatter_nd_update(nothing, users[:, tf.newaxis], shares)

"""The validation part of train: some interactions of some users, chosen by a seeded hash."""

from __future__ import annotations

import tensorflow as tf

_BUCKETS = 1 << 24


def validation_mask(
    user_index: tf.Tensor,
    movies: tf.RaggedTensor,
    *,
    users: float,
    fraction: float,
    seed: int,
) -> tf.RaggedTensor:
    """Says which interactions are kept for validation.

    The choice depends on the indices and the seed alone, not on the order of the rows.

    Args:
        user_index: int32 [batch].
        movies: ragged int32 [batch, None].
        users: Share of the users that are chosen.
        fraction: Share of a chosen user's interactions that are kept for validation.
        seed: Seed of the choice.

    Returns:
        ragged bool [batch, None].
    """
    salt = tf.constant(f"{seed}")
    chosen = _uniform(tf.strings.as_string(user_index), salt) < users
    rows = movies.value_rowids()
    places = tf.where(tf.gather(chosen, rows))[:, 0]
    pairs = tf.strings.join(
        [
            tf.strings.as_string(tf.gather(user_index, tf.gather(rows, places))),
            tf.strings.as_string(tf.gather(movies.flat_values, places)),
        ],
        separator="/",
    )
    kept = _uniform(pairs, salt) < fraction
    size = tf.shape(movies.flat_values, out_type=tf.int64)
    mask = tf.scatter_nd(places[:, tf.newaxis], tf.cast(kept, tf.int32), size) > 0
    return movies.with_flat_values(mask)


def _uniform(keys: tf.Tensor, salt: tf.Tensor) -> tf.Tensor:
    """Hashes `keys` string [n] to float32 [n] in [0, 1)."""
    salted = tf.strings.join([salt, keys], separator=":")
    return tf.cast(tf.strings.to_hash_bucket_fast(salted, _BUCKETS), tf.float32) / _BUCKETS

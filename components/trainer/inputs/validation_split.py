"""The validation part of train: some interactions of some users, chosen by a seeded hash."""

from __future__ import annotations

import tensorflow as tf

_BUCKETS = 1 << 24


def validation_mask(
    user_index: tf.Tensor,
    movies: tf.RaggedTensor,
    *,
    user_ids: tf.Tensor,
    movie_ids: tf.Tensor,
    users: float,
    fraction: float,
    seed: int,
) -> tf.RaggedTensor:
    """Says which interactions are kept for validation.

    The choice depends on the ids and the seed alone: neither on the order of the rows nor on the
    places of the ids in the vocabularies, which change with every span. What a live model was
    validated on is so never trained on by the model that starts from it, and the other way round.

    Args:
        user_index: int32 [batch].
        movies: ragged int32 [batch, None].
        user_ids: The users of the vocabulary, OOV last; string [users + 1].
        movie_ids: The movies of the vocabulary, OOV last; string [movies + 1].
        users: Share of the users that are chosen.
        fraction: Share of a chosen user's interactions that are kept for validation.
        seed: Seed of the choice.

    Returns:
        ragged bool [batch, None].
    """
    salt = tf.constant(f"{seed}")
    ids = tf.gather(user_ids, user_index)
    chosen = _uniform(ids, salt) < users
    rows = movies.value_rowids()
    places = tf.where(tf.gather(chosen, rows))[:, 0]
    pairs = tf.strings.join(
        [
            tf.gather(ids, tf.gather(rows, places)),
            tf.gather(movie_ids, tf.gather(movies.flat_values, places)),
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

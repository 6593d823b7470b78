"""The validation part of train: some interactions of some users, selected by a seeded hash."""

from __future__ import annotations

import tensorflow as tf

from components.trainer.config import TrainerConfig

_BUCKETS = 1 << 24


def validation_mask(
    config: TrainerConfig,
    user_index: tf.Tensor,
    movies: tf.RaggedTensor,
    user_ids: tf.Tensor,
    movie_ids: tf.Tensor,
) -> tf.RaggedTensor:
    """Marks the interactions that are kept for validation.

    The choice depends on the ids and the seed alone, not on the order of the rows or the indices of
    the vocabularies, which change with every span. So a model that starts from the live model never
    trains on what the live model was validated on, and the other way round.

    Args:
        config: Settings: `validation_users`, `validation_fraction`, `seed`.
        user_index: int32 [batch].
        movies: ragged int32 [batch, None].
        user_ids: The users of the vocabulary, OOV last; string [users + 1].
        movie_ids: The movies of the vocabulary, OOV last; string [movies + 1].

    Returns:
        ragged bool [batch, None].
    """
    salt = tf.constant(f"{config.seed}")
    ids = tf.gather(user_ids, user_index)
    selected = _uniform(ids, salt) < config.validation_users
    rows = movies.value_rowids()
    candidates = tf.where(tf.gather(selected, rows))[:, 0]
    pairs = tf.strings.join(
        [
            tf.gather(ids, tf.gather(rows, candidates)),
            tf.gather(movie_ids, tf.gather(movies.flat_values, candidates)),
        ],
        separator="/",
    )
    retained = _uniform(pairs, salt) < config.validation_fraction
    size = tf.shape(movies.flat_values, out_type=tf.int64)
    mask = tf.scatter_nd(candidates[:, tf.newaxis], tf.cast(retained, tf.int32), size) > 0
    return movies.with_flat_values(mask)


def _uniform(keys: tf.Tensor, salt: tf.Tensor) -> tf.Tensor:
    """Hashes `keys` string [n] to float32 [n] in [0, 1)."""
    salted = tf.strings.join([salt, keys], separator=":")
    return tf.cast(tf.strings.to_hash_bucket_fast(salted, _BUCKETS), tf.float32) / _BUCKETS

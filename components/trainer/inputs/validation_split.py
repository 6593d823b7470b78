"""The validation part of train: some interactions of some users, selected by a seeded hash.

For a tower that knows the order these are the last ones.
"""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from components.trainer.config import TrainerConfig
from components.trainer.inputs.user_rows import UserRows

_BUCKETS = 1 << 24
_BLOCK = 1 << 20  # interactions whose ids are in memory as strings at the same time


def validation_positions(
    config: TrainerConfig,
    rows: UserRows,
    user_ids: tf.Tensor,
    movie_ids: tf.Tensor,
    in_time: bool = False,
) -> np.ndarray:
    """Returns which interactions are kept for validation.

    The choice depends on the ids and the seed alone, not on the order of the rows or the indices of
    the vocabularies, which change with every span. So a model that starts from the live model never
    trains on what the live model was validated on, and the other way round.

    Args:
        config: Settings: `validation_users`, `validation_fraction`, `seed`.
        rows: The training data.
        user_ids: The users of the vocabulary, OOV last; string [users + 1].
        movie_ids: The movies of the vocabulary, OOV last; string [movies + 1].
        in_time: Keeps each selected user's last interaction, in place of a share of all.

    Returns:
        Positions in the flat values of `rows.movies`, ascending, int64 [kept].
    """
    salt = tf.constant(f"{config.seed}")
    ids = tf.gather(user_ids, rows.user_index)
    selected = np.flatnonzero(_uniform(ids, salt) < config.validation_users)
    if in_time:
        return _last_positions(rows, selected)
    users, candidates = rows.positions_of(selected)
    movies = rows.movies.flat_values.numpy()
    retained = [np.zeros(0, np.int64)]
    for start in range(0, len(candidates), _BLOCK):
        block = candidates[start : start + _BLOCK]
        pairs = tf.strings.join(
            [
                tf.gather(ids, users[start : start + _BLOCK]),
                tf.gather(movie_ids, movies[block]),
            ],
            separator="/",
        )
        retained.append(block[_uniform(pairs, salt) < config.validation_fraction])
    return np.concatenate(retained)


def _last_positions(rows: UserRows, users: np.ndarray) -> np.ndarray:
    """Returns the last position of each of some rows that has another before it."""
    splits = rows.movies.row_splits.numpy()
    longer = splits[users + 1] - splits[users] > 1
    return splits[users[longer] + 1] - 1


def _uniform(keys: tf.Tensor, salt: tf.Tensor) -> np.ndarray:
    """Hashes `keys` string [n] to float32 [n] in [0, 1)."""
    salted = tf.strings.join([salt, keys], separator=":")
    buckets = tf.strings.to_hash_bucket_fast(salted, _BUCKETS)
    return (tf.cast(buckets, tf.float32) / _BUCKETS).numpy()

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from components.trainer.config import TrainerConfig
from components.trainer.inputs import validation_split
from components.trainer.inputs.user_rows import UserRows
from components.trainer.inputs.validation_split import validation_positions

USERS = tf.range(400)
USER_IDS = tf.constant([f"u{user}" for user in range(400)] + [""])
MOVIE_IDS = tf.constant([f"m{movie}" for movie in range(50)] + [""])
MOVIES = tf.RaggedTensor.from_row_lengths(tf.tile(tf.range(50), [400]), [50] * 400)


def settings(users: float = 0.2, fraction: float = 0.3, seed: int = 1) -> TrainerConfig:
    return TrainerConfig(validation_users=users, validation_fraction=fraction, seed=seed)


def mask(**changed: float) -> np.ndarray:
    return mask_of(settings(**changed), USERS, MOVIES)


def mask_of(
    config: TrainerConfig,
    users: tf.Tensor,
    movies: tf.RaggedTensor,
    user_ids: tf.Tensor = USER_IDS,
    movie_ids: tf.Tensor = MOVIE_IDS,
) -> np.ndarray:
    """Returns what is kept as bool [users, movies]; all users have 50 movies."""
    positions = validation_positions(config, UserRows(users, movies), user_ids, movie_ids)
    assert positions.dtype == np.int64
    assert (np.diff(positions) > 0).all()
    result = np.zeros(400 * 50, bool)
    result[positions] = True
    return result.reshape(400, 50)


def test_validation_positions_takes_shares_of_users_and_of_their_movies() -> None:
    chosen = mask().any(axis=1)
    # 80 ± 4 · √(400 · .2 · .8) users; 30 % ± 4 · √(.21/(80 · 50)) of their movies.
    assert abs(chosen.sum() - 80) < 32
    assert abs(mask()[chosen].mean() - 0.3) < 0.03


def test_validation_positions_without_users_is_empty() -> None:
    assert not mask(users=0.0).any()


def test_validation_positions_of_all_users_reaches_each() -> None:
    # The chance that one of 400 users keeps all 50 movies is 400 · .7^50, less than 1e-5.
    assert mask(users=1.0).any(axis=1).all()


def test_validation_positions_depends_on_the_seed() -> None:
    assert (mask(seed=1) == mask(seed=1)).all()
    assert (mask(seed=1) != mask(seed=2)).any()


def test_validation_positions_does_not_depend_on_the_order_of_rows() -> None:
    order = tf.range(400)[::-1]
    reverse = mask_of(settings(), tf.gather(USERS, order), tf.gather(MOVIES, order))
    np.testing.assert_array_equal(reverse[::-1], mask())


def test_validation_positions_does_not_depend_on_the_blocks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    whole = mask()
    # 4,000 interactions of 80 users in blocks of 333: most blocks end within a user.
    monkeypatch.setattr(validation_split, "_BLOCK", 333)
    np.testing.assert_array_equal(mask(), whole)


def test_validation_positions_does_not_depend_on_the_order_of_ids_in_the_vocabularies() -> None:
    turned = mask_of(
        settings(),
        399 - USERS,
        MOVIES.with_flat_values(49 - MOVIES.flat_values),
        tf.concat([USER_IDS[:400][::-1], [""]], axis=0),
        tf.concat([MOVIE_IDS[:50][::-1], [""]], axis=0),
    )
    np.testing.assert_array_equal(turned, mask())

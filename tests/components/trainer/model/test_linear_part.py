from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import tensorflow as tf

from components.trainer.config import TrainerConfig
from components.trainer.inputs.user_rows import UserRows
from components.trainer.model.linear_part import LinearPart, linear_table


def config(rank: int, ridge: float = 1.0, weight: float = 1.0, seed: int = 0) -> TrainerConfig:
    return TrainerConfig(linear_rank=rank, linear_ridge=ridge, linear_weight=weight, seed=seed)


def rows(matrix: np.ndarray) -> UserRows:
    return UserRows(
        tf.range(len(matrix)),
        tf.ragged.constant([np.flatnonzero(row).tolist() for row in matrix], tf.int32),
    )


@pytest.fixture(scope="module")
def matrix() -> np.ndarray:
    return (np.random.default_rng(0).random([40, 12]) < 0.3).astype(np.float32)


@pytest.mark.parametrize("weight", [1.0, 3.0])
def test_linear_table_of_full_rank_is_ridge_regression(matrix: np.ndarray, weight: float) -> None:
    table = linear_table(rows(matrix), 12, config(12, ridge=2.0, weight=weight)).numpy()
    # The ridge solution B = (XᵀX + λ)⁻¹ XᵀX, with λ = 2 mean interactions of a movie.
    gram = matrix.T @ matrix
    expected = np.linalg.solve(gram + 2.0 * matrix.sum() / 12 * np.eye(12), gram)
    np.testing.assert_allclose(table[:12] @ table[:12].T, weight * expected, atol=1e-4)
    assert not table[12].any()


def test_linear_table_of_low_rank_keeps_the_largest_directions() -> None:
    # Two blocks of four users who share three movies: rank 2 says all; a lone pair adds little.
    matrix = np.zeros([10, 8], np.float32)
    matrix[:4, :3] = matrix[4:8, 3:6] = 1
    matrix[8, 6] = matrix[9, 7] = 1
    table = linear_table(rows(matrix), 8, config(2, ridge=0.01)).numpy()
    assert table.shape == (9, 2)
    scores = table[:8] @ table[:8].T
    # Within a block of three equal columns B is 1/3 (the ridge takes less than 1 %), else 0.
    np.testing.assert_allclose(scores[:3, :3], 1 / 3, rtol=0.01)
    np.testing.assert_allclose(scores[:3, 3:], 0, atol=0.01)


def test_linear_table_is_no_wider_than_users_and_movies(matrix: np.ndarray) -> None:
    table = linear_table(rows(matrix[:5]), 12, config(256))
    assert table.shape == (13, 5)


def test_linear_table_repeats_with_its_seed(matrix: np.ndarray) -> None:
    first, same = (linear_table(rows(matrix), 12, config(4, seed=3)) for _ in range(2))
    np.testing.assert_array_equal(first, same)


def test_linear_table_leaves_out_movies_outside_the_vocabulary() -> None:
    known = UserRows(tf.range(2), tf.ragged.constant([[0, 1], [1]], tf.int32))
    more = UserRows(tf.range(2), tf.ragged.constant([[0, 1, 2], [1]], tf.int32))
    # Three and four interactions: ridges 4/3 and 1 are the same λ.
    first = linear_table(known, 2, config(2, ridge=4 / 3)).numpy()
    second = linear_table(more, 2, config(2)).numpy()
    np.testing.assert_allclose(first @ first.T, second @ second.T, atol=1e-5)


def test_linear_part_sums_rows_of_the_history() -> None:
    part = LinearPart(tf.constant([[1.0, 2.0], [3.0, 4.0], [0.0, 0.0]]))
    history = tf.ragged.constant([[0, 1], [], [2, 0]], tf.int32)
    np.testing.assert_allclose(part(history), [[4.0, 6.0], [0.0, 0.0], [1.0, 2.0]])
    assert part.trainable_weights == []


def test_linear_table_with_weights_is_ridge_regression_on_pooling_factors(
    matrix: np.ndarray,
) -> None:
    weights = 1.0 + 8.0 * (np.random.default_rng(1).random(matrix.shape) < 0.3)
    plain = rows(matrix)
    flat = tf.constant(weights[matrix > 0], tf.float32)
    weighted = dataclasses.replace(plain, weights=plain.movies.with_flat_values(flat))
    table = linear_table(weighted, 12, config(12, ridge=2.0)).numpy()
    factors = matrix * np.sqrt(weights)
    factors /= np.maximum(factors.sum(axis=1) / np.maximum(matrix.sum(axis=1), 1), 1e-9)[:, None]
    gram = factors.T @ factors
    expected = np.linalg.solve(gram + 2.0 * matrix.sum() / 12 * np.eye(12), gram)
    np.testing.assert_allclose(table[:12] @ table[:12].T, expected, atol=1e-4)


def test_linear_part_multiplies_by_pooling_factors() -> None:
    part = LinearPart(tf.constant([[1.0, 2.0], [3.0, 4.0], [0.0, 0.0]]))
    history, weights = tf.ragged.constant([[0, 1]], tf.int32), tf.ragged.constant([[1.0, 9.0]])
    # Factors .5 and 1.5.
    np.testing.assert_allclose(part(history, weights), [[5.0, 7.0]])

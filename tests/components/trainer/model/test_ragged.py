from __future__ import annotations

import numpy as np
import tensorflow as tf

from components.trainer.model.ragged import coordinates, multi_hot, pooling_factors, sum_rows

MOVIES = tf.ragged.constant([[2, 0], [], [1, 2]], dtype=tf.int32)


def test_coordinates_are_rows_and_movies() -> None:
    assert coordinates(MOVIES).numpy().tolist() == [[0, 2], [0, 0], [2, 1], [2, 2]]


def test_sum_rows_sums_what_each_row_names() -> None:
    table = tf.constant([[1.0, 2.0], [3.0, 5.0], [10.0, 20.0]])
    expected = [[11.0, 22.0], [0.0, 0.0], [13.0, 25.0]]
    np.testing.assert_allclose(sum_rows(table, MOVIES), expected)


def test_sum_rows_gradient_is_dense_and_adds_up() -> None:
    table = tf.Variable(tf.zeros([3, 2]))
    with tf.GradientTape() as tape:
        total = tf.reduce_sum(sum_rows(table, MOVIES))
    gradient = tape.gradient(total, table)
    # How often each movie is named.
    np.testing.assert_allclose(gradient, [[1.0, 1.0], [1.0, 1.0], [2.0, 2.0]])


def test_sum_rows_of_no_user_is_empty() -> None:
    nobody = tf.RaggedTensor.from_row_splits(tf.zeros([0], tf.int32), [0])
    assert sum_rows(tf.ones([3, 2]), nobody).shape == (0, 2)


def test_multi_hot_marks_movies_once() -> None:
    movies = tf.ragged.constant([[0, 2, 2], [], [3]], dtype=tf.int32)
    assert multi_hot(movies, 4).numpy().tolist() == [[1, 0, 1, 0], [0, 0, 0, 0], [0, 0, 0, 1]]


def test_multi_hot_of_no_user_is_empty() -> None:
    assert multi_hot(tf.RaggedTensor.from_row_splits(tf.zeros([0], tf.int32), [0]), 4).shape == (
        0,
        4,
    )


def test_pooling_factors_are_square_roots_over_their_mean() -> None:
    weights = tf.ragged.constant([[1.0, 9.0], [], [7.0], [3.0, 3.0]])
    # Roots 1 and 3 have the mean 2; equal weights are as none.
    expected = [[0.5, 1.5], [], [1.0], [1.0, 1.0]]
    for row, factors in zip(expected, pooling_factors(weights).to_list(), strict=True):
        np.testing.assert_allclose(factors, row, rtol=1e-6)
    assert pooling_factors(None) is None


def test_sum_rows_multiplies_by_factors() -> None:
    table = tf.constant([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    movies = tf.ragged.constant([[0, 2], [], [1]], tf.int32)
    factors = tf.ragged.constant([[2.0, 0.5], [], [3.0]])
    # 2 · (1, 2) + .5 · (5, 6), nothing, 3 · (3, 4).
    expected = [[4.5, 7.0], [0.0, 0.0], [9.0, 12.0]]
    np.testing.assert_allclose(sum_rows(table, movies, factors), expected)

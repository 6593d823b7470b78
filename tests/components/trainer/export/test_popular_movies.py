"""Lists of popular movies, from which movies are removed."""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from components.trainer.export.popular_movies import PopularMovies
from components.trainer.export.scores import LOWEST

POPULARITY = np.array([-3.0, -1.0, -2.0, -1.0, -9.0, -4.0], np.float32)


def test_lists_are_the_most_popular_that_are_left_the_first_of_equals_leading() -> None:
    removed = tf.ragged.constant([[], [3, 1, 4], [0, -1]], dtype=tf.int32)
    scores, rows = PopularMovies(POPULARITY).lists(3, removed).best(3)
    assert rows.numpy().tolist() == [[1, 3, 2], [2, 0, 5], [1, 3, 2]]
    assert scores.numpy().tolist() == [[-1, -1, -2], [-2, -3, -4], [-1, -1, -2]]


def test_lists_where_fewer_than_k_are_left_end_with_the_lowest_score() -> None:
    removed = tf.ragged.constant([[0, 1, 2, 3]], dtype=tf.int32)
    scores, rows = PopularMovies(POPULARITY).lists(6, removed).best(6)
    assert rows.numpy()[0, :2].tolist() == [5, 4]
    assert scores.numpy()[0].tolist() == [-4.0, -9.0] + [LOWEST] * 4


def test_lists_of_no_query_are_empty() -> None:
    nobody = tf.RaggedTensor.from_row_splits(tf.constant([], tf.int32), [0])
    assert PopularMovies(POPULARITY).lists(2, nobody).best(2)[1].shape == (0, 2)

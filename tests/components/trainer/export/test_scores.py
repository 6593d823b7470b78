"""What is removed and lowered: the same of full scores and of short lists."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from components.trainer.export.scores import LOWEST, NO_ROW, FullScores, Scores, ShortList
from components.trainer.export.scores import occurrences as count

VALUES = [[1.0, 5.0, 3.0, 4.0], [7.0, 6.0, 8.0, 9.0]]
# The same scores in another order, and with one column of nothing.
SHORT = ShortList(
    tf.constant([[5.0, 4.0, 3.0, 1.0, LOWEST], [9.0, 6.0, 7.0, 8.0, LOWEST]]),
    tf.constant([[1, 3, 2, 0, NO_ROW], [3, 1, 0, 2, NO_ROW]]),
)
BOTH = pytest.mark.parametrize("scores", [FullScores(tf.constant(VALUES)), SHORT])


def best(scores: Scores, k: int) -> tuple[list, list]:
    values, rows = scores.best(k)
    return values.numpy().tolist(), rows.numpy().tolist()


@BOTH
def test_best_are_the_largest(scores: Scores) -> None:
    assert best(scores, 2) == ([[5.0, 4.0], [9.0, 8.0]], [[1, 3], [3, 2]])


@BOTH
def test_without_removes_rows_and_ignores_no_row(scores: Scores) -> None:
    rows = tf.ragged.constant([[1, NO_ROW, 1], []], dtype=tf.int32)
    values, found = best(scores.without(rows), 4)
    assert found[0][:3] == [3, 2, 0]
    assert values[0][3] == LOWEST
    assert found[1] == [3, 2, 0, 1]


@BOTH
def test_less_lowers_a_row_each_time_that_it_occurs(scores: Scores) -> None:
    penalties = tf.constant([0.5, 10.0, 0.25, 2.0])
    rows = tf.ragged.constant([[3, 0, 3, NO_ROW], [2]], dtype=tf.int32)
    # 4 - 2 · 2 = 0 of row 3, 1 - .5 of row 0; and 8 - .25 of row 2.
    values, found = best(scores.less(rows, penalties), 4)
    assert (values[0], found[0]) == ([5.0, 3.0, 0.5, 0.0], [1, 2, 0, 3])
    assert (values[1], found[1]) == ([9.0, 7.75, 7.0, 6.0], [3, 2, 0, 1])


def test_occurrences_of_nothing() -> None:
    empty = tf.RaggedTensor.from_row_splits(tf.constant([], tf.int32), [0, 0])
    assert count(tf.constant([[0, NO_ROW]]), empty).numpy().tolist() == [[0, 0]]
    none = tf.RaggedTensor.from_row_splits(tf.constant([], tf.int32), [0])
    assert count(tf.zeros([0, 3], tf.int32), none).shape == (0, 3)
    assert count(tf.zeros([0, 0], tf.int32), none).shape == (0, 0)
    assert count(tf.zeros([1, 0], tf.int32), empty).shape == (1, 0)


def test_occurrences_count() -> None:
    rows = tf.ragged.constant([[4, 4, NO_ROW, 2]], dtype=tf.int32)
    found = count(tf.constant([[2, 3, 4, NO_ROW]]), rows).numpy()
    np.testing.assert_array_equal(found, [[1, 0, 2, 0]])

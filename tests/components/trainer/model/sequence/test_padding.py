from __future__ import annotations

import numpy as np
import tensorflow as tf

from components.trainer.model.sequence.padding import Padding

ROWS = tf.ragged.constant([[0, 0], [], [0], [0, 0, 0]])
VALUES = tf.reshape(tf.range(1.0, 13.0), [6, 2])


def test_values_are_padded_by_zeros_to_the_longest_row() -> None:
    padding = Padding(ROWS)
    padded = padding.pad(VALUES).numpy()
    assert padded.shape == (4, int(padding.length), 2) == (4, 3, 2)
    values = VALUES.numpy()
    np.testing.assert_array_equal(padded[0], [*values[:2], [0, 0]])
    np.testing.assert_array_equal(padded[1], np.zeros([3, 2]))
    np.testing.assert_array_equal(padded[2], [values[2], [0, 0], [0, 0]])
    np.testing.assert_array_equal(padded[3], values[3:])


def test_unpad_is_the_way_back() -> None:
    padding = Padding(ROWS)
    np.testing.assert_array_equal(padding.unpad(padding.pad(VALUES)), VALUES)


def test_gradients_go_both_ways() -> None:
    padding = Padding(ROWS)
    with tf.GradientTape() as tape:
        tape.watch(VALUES)
        result = tf.reduce_sum(padding.unpad(padding.pad(VALUES) ** 2))
    np.testing.assert_array_equal(tape.gradient(result, VALUES), 2 * VALUES)


def test_rows_without_any_value() -> None:
    padding = Padding(ROWS[1:2])
    assert padding.pad(VALUES[:0]).shape == (1, 0, 2)
    assert padding.unpad(padding.pad(VALUES[:0])).shape == (0, 2)

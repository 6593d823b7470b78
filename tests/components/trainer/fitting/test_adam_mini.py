from __future__ import annotations

import math

import numpy as np
import pytest
import tensorflow as tf

from components.trainer.fitting.adam_mini import AdamMini


def test_adam_mini_takes_the_first_steps_of_the_formula() -> None:
    weight = tf.Variable([1.0, 2.0])
    optimizer = AdamMini(learning_rate=0.1, beta_1=0.5, beta_2=0.75, epsilon=0.0)
    optimizer.apply_gradients([(tf.constant([3.0, 4.0]), weight)])
    # m = .5·g, bias-corrected g; v = mean(9, 16) = 12.5 after correction: one root for both.
    expected = np.array([1.0, 2.0]) - 0.1 * np.array([3.0, 4.0]) / math.sqrt(12.5)
    np.testing.assert_allclose(weight.numpy(), expected, rtol=1e-6)

    optimizer.apply_gradients([(tf.constant([1.0, 0.0]), weight)])
    # m = .5·(1.5, 2) + .5·(1, 0) = (1.25, 1), correction 1 - .5² = .75.
    # v = .75·3.125 + .25·mean(1, 0) = 2.46875, correction 1 - .75² = .4375.
    step = np.array([1.25, 1.0]) / 0.75 / math.sqrt(2.46875 / 0.4375)
    np.testing.assert_allclose(weight.numpy(), expected - 0.1 * step, rtol=1e-6)


def test_adam_mini_weight_decay_is_decoupled() -> None:
    weight = tf.Variable([4.0])
    AdamMini(learning_rate=0.1, weight_decay=0.5).apply_gradients([(tf.constant([0.0]), weight)])
    # No gradient: only learning rate · decay · weight = .1 · .5 · 4 goes.
    np.testing.assert_allclose(weight.numpy(), [3.8], rtol=1e-6)


def test_adam_mini_sparse_gradient_equals_the_dense_one() -> None:
    dense, sparse = tf.Variable(tf.ones([3, 2])), tf.Variable(tf.ones([3, 2]))
    gradient = tf.constant([[5.0, 1.0], [0.0, 0.0], [2.0, 2.0]])
    # Row 0 comes in two parts.
    slices = tf.IndexedSlices(
        tf.constant([[4.0, 1.0], [2.0, 2.0], [1.0, 0.0]]), tf.constant([0, 2, 0]), [3, 2]
    )
    AdamMini(0.1).apply_gradients([(gradient, dense)])
    AdamMini(0.1).apply_gradients([(slices, sparse)])
    np.testing.assert_allclose(sparse.numpy(), dense.numpy(), rtol=1e-6)


def test_adam_mini_keeps_one_second_moment_per_tensor() -> None:
    optimizer = AdamMini(0.1)
    optimizer.build([tf.Variable(tf.zeros([3, 2])), tf.Variable(tf.zeros([4]))])
    shapes = [tuple(v.shape) for v in optimizer.variables if v.name.startswith("v/")]
    assert shapes == [(), ()]


@pytest.mark.parametrize("rate", [0.3, tf.keras.optimizers.schedules.CosineDecay(0.3, 10)])
def test_adam_mini_config_makes_an_equal_optimizer(
    rate: float | tf.keras.optimizers.schedules.LearningRateSchedule,
) -> None:
    optimizer = AdamMini(rate, beta_1=0.8, beta_2=0.9, epsilon=1e-6, weight_decay=0.2)
    assert AdamMini.from_config(optimizer.get_config()).get_config() == optimizer.get_config()


def slices(rows: list[int], values: list[list[float]]) -> tf.IndexedSlices:
    return tf.IndexedSlices(tf.constant(values), tf.constant(rows), [3, 2])


def test_adam_mini_sparse_steps_equal_the_dense_ones_where_all_rows_are_used() -> None:
    dense, sparse = (tf.Variable([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]) for _ in range(2))
    both = [(AdamMini(0.1, weight_decay=0.5), variable) for variable in (dense, sparse)]
    rng = np.random.default_rng(0)
    for _ in range(4):
        gradient = rng.normal(size=[3, 2]).astype(np.float32)
        order = rng.permutation(3)
        for (optimizer, variable), given in zip(
            both, (tf.constant(gradient), slices(order, gradient[order])), strict=True
        ):
            optimizer.apply_gradients([(given, variable)])
    np.testing.assert_allclose(sparse.numpy(), dense.numpy(), rtol=1e-5)
    assert np.abs(dense.numpy() - [[1, 2], [3, 4], [5, 6]]).min() > 0.01


def test_adam_mini_leaves_rows_without_gradient_as_they_are() -> None:
    table = tf.Variable([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    optimizer = AdamMini(0.1, beta_1=0.5, beta_2=0.75, epsilon=0.0, weight_decay=0.5)
    optimizer.apply_gradients([(slices([0, 2], [[6.0, 0.0], [0.0, 0.0]]), table)])
    # v = mean(36, 0 · 5) = 6 after correction. Decay takes .1 · .5 of rows 0 and 2.
    moved = 0.1 * 6 / math.sqrt(6)
    first = [[1 - moved - 0.05, 2 - 0.1], [3, 4], [5 - 0.25, 6 - 0.3]]
    np.testing.assert_allclose(table.numpy(), first, rtol=1e-6)

    # Row 0 has a first moment, and yet stays: its gradient is not there.
    optimizer.apply_gradients([(slices([1], [[0.0, 6.0]]), table)])
    # m = .5 · 6, corrected by .75; v = .75 · 1.5 + .25 · 6 = 2.625, corrected by .4375, is 6.
    moved = 0.1 * 3 / 0.75 / math.sqrt(6)
    np.testing.assert_allclose(table.numpy()[1], [3 - 0.15, 4 - 0.2 - moved], rtol=1e-6)
    np.testing.assert_allclose(table.numpy()[[0, 2]], [first[0], first[2]], rtol=1e-6)
    # It goes on from its moment when it comes again: .5 · 3 of the first step, no gradient now.
    optimizer.apply_gradients([(slices([0], [[0.0, 0.0]]), table)])
    # v = .75 · 2.625, corrected by 1 - .75³ = .578125.
    moved = 0.1 * 1.5 / (1 - 0.5**3) / math.sqrt(0.75 * 2.625 / 0.578125)
    np.testing.assert_allclose(table.numpy()[0, 0], 0.95 * first[0][0] - moved, rtol=1e-6)


def test_adam_mini_adds_up_repeated_rows() -> None:
    optimizer = AdamMini(0.1, epsilon=0.0, weight_decay=0.5)
    once, twice = (tf.Variable(tf.ones([3, 2])) for _ in range(2))
    optimizer.build([once, twice])
    optimizer.apply_gradients(
        [
            (slices([0, 2], [[5.0, 1.0], [2.0, 2.0]]), once),
            (slices([0, 2, 0], [[4.0, 1.0], [2.0, 2.0], [1.0, 0.0]]), twice),
        ]
    )
    np.testing.assert_allclose(twice.numpy(), once.numpy(), rtol=1e-5)
    # The row is decayed once: .1 · .5; v = (25 + 1 + 4 + 4) / 6.
    expected = 1 - 0.05 - 0.1 * 5 / math.sqrt(34 / 6)
    np.testing.assert_allclose(twice.numpy()[0, 0], expected, rtol=1e-5)


def test_adam_mini_does_not_decay_what_is_excluded() -> None:
    table = tf.Variable(tf.ones([3, 2]), name="movie_embeddings")
    bias = tf.Variable(tf.ones([3]), name="movie_bias")
    optimizer = AdamMini(0.1, weight_decay=0.5)
    optimizer.exclude_from_weight_decay(var_names=["bias"])
    nothing = tf.IndexedSlices(tf.constant([0.0]), tf.constant([1]), [3])
    optimizer.apply_gradients([(slices([1], [[0.0, 0.0]]), table), (nothing, bias)])
    np.testing.assert_allclose(table.numpy(), [[1, 1], [0.95, 0.95], [1, 1]], rtol=1e-6)
    np.testing.assert_allclose(bias.numpy(), [1, 1, 1])

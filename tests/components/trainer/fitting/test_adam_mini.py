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

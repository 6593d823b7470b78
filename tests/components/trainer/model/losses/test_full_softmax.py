from __future__ import annotations

import math

import numpy as np
import pytest
import tensorflow as tf
import tensorflow_recommenders as tfrs

from components.trainer.model.losses.full_softmax import FullSoftmax


def test_full_softmax_averages_over_targets() -> None:
    scores = tf.math.log([[1.0, 1.0, 2.0], [3.0, 1.0, 4.0]])
    targets = tf.ragged.constant([[0, 2], [1]])
    # Probabilities of the three targets: 1/4, 2/4 and 1/8.
    expected = -(math.log(1 / 4) + math.log(1 / 2) + math.log(1 / 8)) / 3
    np.testing.assert_allclose(FullSoftmax()(scores, targets), expected, rtol=1e-6)


def test_full_softmax_of_scores_far_apart_is_their_distance() -> None:
    # The probability of the target is zero in float32.
    loss = FullSoftmax()(tf.constant([[1000.0, -1000.0]]), tf.ragged.constant([[1]]))
    np.testing.assert_allclose(loss, 2000.0, rtol=1e-6)


def test_full_softmax_divides_scores_by_the_temperature() -> None:
    scores = 2.0 * tf.math.log([[1.0, 3.0]])
    loss = FullSoftmax(temperature=2.0)(scores, tf.ragged.constant([[0]]))
    np.testing.assert_allclose(loss, math.log(4), rtol=1e-6)


def test_full_softmax_smooths_labels_towards_the_prior() -> None:
    scores = tf.math.log([[1.0, 1.0, 2.0]])
    loss = FullSoftmax(smoothing=0.2, prior=[0.5, 0.5, 0.0])(scores, tf.ragged.constant([[0]]))
    # Labels .8 + .1, .1 and 0 over probabilities 1/4, 1/4 and 1/2.
    np.testing.assert_allclose(loss, math.log(4), rtol=1e-6)
    prior = np.full(3, 1 / 3)
    uniform = FullSoftmax(smoothing=0.3, prior=prior)(scores, tf.ragged.constant([[0]]))
    # Labels .7 + .1, .1 and .1.
    np.testing.assert_allclose(uniform, 0.9 * math.log(4) + 0.1 * math.log(2), rtol=1e-6)


def test_full_softmax_skips_users_without_targets() -> None:
    scores = tf.constant([[1.0, 2.0], [5.0, 1.0]])
    targets = tf.ragged.constant([[0], []], tf.int32)
    loss = FullSoftmax()(scores, targets)
    np.testing.assert_allclose(loss, FullSoftmax()(scores[:1], targets[:1]), rtol=1e-6)
    assert FullSoftmax()(scores, tf.ragged.constant([[], []], tf.int32)) == 0.0


def test_full_softmax_gradient_is_probability_minus_target() -> None:
    scores = tf.Variable(tf.math.log([[1.0, 1.0, 2.0]]))
    with tf.GradientTape() as tape:
        loss = FullSoftmax()(scores, tf.ragged.constant([[0, 2]]))
    # (2 · p - target) / 2 targets, with p = (1/4, 1/4, 1/2).
    np.testing.assert_allclose(tape.gradient(loss, scores), [[-0.25, 0.25, 0.0]], atol=1e-6)


@pytest.mark.parametrize("smoothing", [0.0, 0.3])
@pytest.mark.parametrize("temperature", [1.0, 0.5])
def test_full_softmax_has_value_and_gradient_of_written_out_labels(
    smoothing: float, temperature: float
) -> None:
    rng = np.random.default_rng(1)
    scores = tf.Variable(rng.normal(size=[3, 5]), dtype=tf.float32)
    prior = rng.dirichlet(np.ones(5))
    # Candidate 2 is a target of the first row twice; the second row has none.
    targets = tf.ragged.constant([[2, 0, 2], [], [4]], tf.int32)
    actual = np.array([[1, 0, 2, 0, 0], [0, 0, 0, 0, 0], [0, 0, 0, 0, 1]])
    counts = actual.sum(axis=1, keepdims=True)
    labels = (1 - smoothing) * actual + smoothing * counts * prior
    task = FullSoftmax(temperature=temperature, smoothing=smoothing, prior=prior)
    with tf.GradientTape(persistent=True) as tape:
        ours = 3.0 * task(scores, targets)  # 3: the gradient that comes from above
        logs = tf.nn.log_softmax(scores / temperature)
        expected = -3.0 * tf.reduce_sum(labels.astype(np.float32) * logs) / 4
    np.testing.assert_allclose(ours, expected, rtol=1e-5)
    np.testing.assert_allclose(
        tape.gradient(ours, scores), tape.gradient(expected, scores), atol=1e-6
    )


def test_full_softmax_equals_retrieval_where_the_batch_is_the_catalogue() -> None:
    rng = np.random.default_rng(0)
    query, candidates = (tf.constant(rng.normal(size=[5, 3]), tf.float32) for _ in range(2))
    # One target a user, each candidate once: TFRS's in-batch loss is a sum, ours the mean.
    in_batch = tfrs.tasks.Retrieval()(query, candidates)
    scores = tf.matmul(query, candidates, transpose_b=True)
    full = FullSoftmax()(scores, tf.ragged.constant([[0], [1], [2], [3], [4]]))
    np.testing.assert_allclose(full, in_batch / 5, rtol=1e-5)


def _loss_and_gradient(
    targets: tf.RaggedTensor, weights: tf.RaggedTensor | None = None
) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(2)
    scores = tf.Variable(rng.normal(size=[2, 4]), dtype=tf.float32)
    task = FullSoftmax(temperature=0.5, smoothing=0.2, prior=rng.dirichlet(np.ones(4)))
    with tf.GradientTape() as tape:
        loss = task(scores, targets, weights)
    return loss.numpy(), tape.gradient(loss, scores).numpy()


def test_full_softmax_with_weights_follows_the_formula() -> None:
    scores = np.array([[1.0, 0.0, 2.0], [0.5, 0.5, 0.0]])
    logs = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
    targets = tf.ragged.constant([[0, 2], [1]], tf.int32)
    weights = tf.ragged.constant([[2.0, 0.5], [3.0]])
    loss = FullSoftmax()(tf.constant(scores, tf.float32), targets, weights)
    expected = -(2 * logs[0, 0] + 0.5 * logs[0, 2] + 3 * logs[1, 1]) / 5.5
    np.testing.assert_allclose(loss, expected, rtol=1e-5)


def test_full_softmax_weight_of_two_is_the_target_twice() -> None:
    once = tf.ragged.constant([[0, 3], [1]], tf.int32)
    twice = tf.ragged.constant([[0, 3, 3], [1]], tf.int32)
    weighted = _loss_and_gradient(once, tf.ragged.constant([[1.0, 2.0], [1.0]]))
    for ours, expected in zip(weighted, _loss_and_gradient(twice), strict=True):
        np.testing.assert_allclose(ours, expected, rtol=1e-5, atol=1e-7)


def test_full_softmax_equal_weights_are_none() -> None:
    targets = tf.ragged.constant([[0, 3], [1]], tf.int32)
    weighted = _loss_and_gradient(targets, tf.ragged.constant([[3.0, 3.0], [3.0]]))
    for ours, expected in zip(weighted, _loss_and_gradient(targets), strict=True):
        np.testing.assert_allclose(ours, expected, rtol=1e-5, atol=1e-7)


def test_full_softmax_without_targets_is_zero_with_weights_too() -> None:
    nothing = tf.ragged.constant([[], []], tf.int32, ragged_rank=1)
    weights = tf.ragged.constant([[], []], tf.float32, ragged_rank=1)
    loss, gradient = _loss_and_gradient(nothing, weights)
    assert loss == 0
    assert not gradient.any()

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from components.trainer.model.losses.sampled_softmax import (
    Candidates,
    SampledSoftmax,
    draw_candidates,
)
from components.trainer.model.two_tower import TwoTowerModel
from tests.components.trainer.model.test_two_tower import BATCHES, WEIGHTS, make_model

TARGETS = tf.ragged.constant([[7, 2], [], [2, 40]], tf.int32)
HISTORY = tf.ragged.constant([[1, 2], [7, 90], []], tf.int32)


def test_draw_candidates_has_each_movie_once_and_the_candidates_first() -> None:
    drawn = draw_candidates(TARGETS, HISTORY, 30, 50, seed=1)
    movies, number = drawn.movies.numpy().tolist(), int(drawn.number)
    assert len(set(movies)) == len(movies)
    # Three targets, and of 30 draws from 50 movies some that are no targets.
    assert {7, 2, 40} < set(movies[:number]) <= {7, 2, 40} | set(range(50))
    assert set(movies[number:]) <= {1, 90}
    # 90 is beyond what is drawn from.
    assert 90 in movies[number:]


def test_draw_candidates_says_where_targets_and_histories_are() -> None:
    drawn = draw_candidates(TARGETS, HISTORY, 30, 50, seed=1)
    movies = drawn.movies.numpy()
    for positions, of_users in ((drawn.targets, TARGETS), (drawn.history, HISTORY)):
        assert [movies[row].tolist() for row in positions.to_list()] == of_users.to_list()
    candidates = set(movies[: int(drawn.number)].tolist())
    seen = [[movie for movie in row if movie in candidates] for row in HISTORY.to_list()]
    assert [movies[row].tolist() for row in drawn.seen().to_list()] == seen
    assert seen[0][-1] == 2  # a target of the same user that is in the history too


def test_draw_candidates_draws_uniformly() -> None:
    nothing = tf.ragged.constant([[]], tf.int32, ragged_rank=1)
    counts = np.zeros(20)
    for _ in range(400):
        drawn = draw_candidates(nothing, nothing, 5, 20, seed=1)
        assert int(drawn.number) == len(drawn.movies)
        counts[drawn.movies.numpy()] += 1
    # A movie is among five draws of 20 with probability 1 - .95^5 = .226; ± 5 · √(.226·.774/400).
    assert np.abs(counts / 400 - (1 - 0.95**5)).max() < 0.105


def test_draw_candidates_repeats_with_its_seeds() -> None:
    def draws(seed: int) -> list[list[int]]:
        tf.keras.utils.set_random_seed(5)
        return [
            draw_candidates(TARGETS, HISTORY, 30, 50, seed).movies.numpy().tolist()
            for _ in range(2)
        ]

    first = draws(1)
    assert first == draws(1)
    assert first != draws(2)
    assert first[0] != first[1]


PRIOR = np.array([0.5, 0.3, 0.2, 0.0])  # three movies and OOV
SCORES = np.array([[1.0, -0.5, 2.0], [0.3, 0.2, -1.0]])
# The candidates are movies 2, 0 and 1; the targets 0 of the first user, 2 and 0 of the second.
CANDIDATES = Candidates(
    tf.constant([2, 0, 1]),
    tf.constant(3),
    tf.ragged.constant([[1], [0, 1]], tf.int32),
    tf.ragged.constant([[], []], tf.int32, ragged_rank=1),
)
OWN = np.array([[0, 1, 0], [1, 1, 0]])


@pytest.mark.parametrize("weights", [None, [[2.0], [0.5, 3.0]]])
@pytest.mark.parametrize("smoothing", [0.0, 0.3])
@pytest.mark.parametrize("temperature", [1.0, 0.5])
def test_loss_and_gradient_follow_the_formula(
    temperature: float, smoothing: float, weights: list[list[float]] | None
) -> None:
    share = PRIOR[[2, 0, 1]]
    # Three targets, two draws from three movies and OOV.
    probability = 1 - np.exp(-(3 * share + 2 / 4))
    factor = np.array([[0, 1, 0], [1, 1, 0]], np.float64)
    if weights is not None:
        factor = np.array([[0, 2, 0], [0.5, 3, 0]])
    prior = share / probability / (share / probability).sum()
    labels = (1 - smoothing) * factor + smoothing * factor.sum(axis=1, keepdims=True) * prior
    scores = tf.Variable(SCORES, dtype=tf.float32)
    task = SampledSoftmax(2, PRIOR, temperature, smoothing)
    with tf.GradientTape(persistent=True) as tape:
        ours = task(scores, CANDIDATES, None if weights is None else tf.ragged.constant(weights))
        # A user's own targets are candidates for certain: their probability is 1.
        corrected = scores / temperature - np.log(np.where(OWN, 1.0, probability))
        logs = tf.nn.log_softmax(corrected)
        expected = -tf.reduce_sum(labels.astype(np.float32) * logs) / factor.sum()
    np.testing.assert_allclose(ours, expected, rtol=1e-5)
    np.testing.assert_allclose(
        tape.gradient(ours, scores), tape.gradient(expected, scores), atol=1e-6
    )


def test_estimate_of_the_partition_function_is_unbiased() -> None:
    movies, draws, targets, own = 200, 60, 60, 180
    prior = 1 / np.arange(1, movies + 1)
    prior = np.append(prior / prior.sum(), 0.0)
    table = np.random.default_rng(0).normal(size=movies)
    table[own] = 3.0  # a rare movie with a high score: counting it twice would show
    task = SampledSoftmax(draws, prior)
    nothing = tf.RaggedTensor.from_row_lengths(tf.zeros([0], tf.int32), [0, 0])
    weights = tf.constant([1.0] + [1e-9] * (targets - 1))  # the loss is the first user's alone

    @tf.function(autograph=False)
    def estimate() -> tuple[tf.Tensor, tf.Tensor]:
        logs = tf.constant(np.log(prior[np.newaxis, :-1]), tf.float32)
        others = tf.random.categorical(logs, targets - 1, dtype=tf.int32, seed=3)[0]
        users = tf.RaggedTensor.from_row_lengths(
            tf.concat([[own], others], axis=0), [1, targets - 1]
        )
        drawn = draw_candidates(users, nothing, draws, movies, seed=4)
        scores = tf.gather(tf.constant(table, tf.float32), drawn.movies[: drawn.number])
        loss = task(tf.stack([scores, scores]), drawn, users.with_flat_values(weights))
        return tf.exp(loss + table[own]), tf.reduce_sum(tf.exp(scores))

    tf.keras.utils.set_random_seed(1)
    estimates, uncorrected = np.array([[part.numpy() for part in estimate()] for _ in range(600)]).T
    actual = np.exp(table).sum()
    error = estimates.std() / np.sqrt(len(estimates))
    assert error < 0.02 * actual
    # The inclusion probabilities are those of 60 targets, of which one is not drawn: 1/60 of bias.
    assert abs(estimates.mean() - actual) < 4 * error + actual / 60
    # Without the correction most of the catalogue is missing.
    assert uncorrected.mean() < 0.7 * actual


def loss_and_gradients(model: TwoTowerModel, batch: dict) -> tuple[float, dict[str, np.ndarray]]:
    model.compute_loss(batch)  # builds the layers
    bias = model.candidate_tower.bias
    # OOV is never drawn: in the full softmax it must not count either.
    bias.assign(tf.concat([bias[:-1], [-60.0]], axis=0))
    with tf.GradientTape() as tape:
        loss = model.compute_loss(batch)
    weights = model.trainable_variables
    gradients = tape.gradient(loss, weights)
    return float(loss), {
        weight.name: tf.convert_to_tensor(gradient).numpy()
        for weight, gradient in zip(weights, gradients, strict=True)
    }


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("query", ["history", "user_id"])
def test_model_that_draws_all_movies_has_loss_and_gradient_of_the_full_softmax(
    query: str, weighted: bool
) -> None:
    # 2,000 draws of four movies: each is a candidate with a probability of 1 - e^-500.
    batch = {**BATCHES[0], "target_weights": WEIGHTS} if weighted else BATCHES[0]
    (sampled, ours), (full, expected) = (
        loss_and_gradients(
            make_model(query=query, loss=loss, negatives=2000, label_smoothing=0.2), batch
        )
        for loss in ("sampled_softmax", "full_softmax")
    )
    np.testing.assert_allclose(sampled, full, rtol=1e-5)
    assert set(ours) == set(expected)
    for name, gradient in expected.items():
        np.testing.assert_allclose(ours[name], gradient, atol=1e-6, err_msg=name)
    assert any(np.abs(gradient).max() > 0.01 for gradient in expected.values())


@pytest.mark.parametrize("query", ["history", "user_id"])
def test_model_has_gradients_of_the_used_rows_only(query: str) -> None:
    model = make_model(query=query, loss="sampled_softmax", negatives=1)
    batch = {
        "user_index": tf.constant([1]),
        "history": tf.ragged.constant([[0]], tf.int32),
        "targets": tf.ragged.constant([[2]], tf.int32),
    }
    with tf.GradientTape() as tape:
        loss = model.compute_loss(batch)
    gradient = tape.gradient(loss, model.candidate_tower.embeddings)
    assert isinstance(gradient, tf.IndexedSlices)
    used = set(gradient.indices.numpy().tolist())
    # The target, the history and one draw of four movies and OOV.
    assert {0, 2} <= used
    assert len(used) <= 3

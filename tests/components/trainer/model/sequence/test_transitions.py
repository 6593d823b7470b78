from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from components.trainer.inputs.user_rows import UserRows
from components.trainer.model.ragged import decays
from components.trainer.model.sequence import transitions
from components.trainer.model.sequence.transition_part import TransitionPart
from components.trainer.model.sequence.transitions import RATES, Transitions, fit_transitions

MOVIES = 7


def rows(histories: list[list[int]]) -> UserRows:
    return UserRows(tf.range(len(histories)), tf.ragged.constant(histories, tf.int32))


@pytest.fixture(scope="module")
def histories() -> list[list[int]]:
    rng = np.random.default_rng(0)
    return [rng.permutation(MOVIES)[: rng.integers(1, MOVIES + 1)].tolist() for _ in range(30)]


def by_definition(histories: list[list[int]], ridge: float) -> np.ndarray:
    """Returns M, [rates, movies, movies], from q and y of every position."""
    features, targets = [], []
    for history in histories:
        for position in range(len(history) - 1):
            feature = np.zeros([len(RATES), MOVIES])
            for age, movie in enumerate(reversed(history[: position + 1])):
                feature[:, movie] += np.exp(-age / np.array(RATES))
            target = np.zeros(MOVIES)
            for ahead, movie in enumerate(history[position + 1 :]):
                target[movie] += np.exp(-ahead / 3.0)
            features.append(feature.ravel())
            targets.append(target)
    x, y = np.array(features), np.array(targets)
    solution = np.linalg.solve(x.T @ x + ridge * np.eye(x.shape[1]), x.T @ y)
    return solution.reshape(len(RATES), MOVIES, MOVIES)


def test_transitions_of_full_rank_are_the_ridge_regression(histories: list[list[int]]) -> None:
    fitted = fit_transitions(rows(histories), MOVIES, MOVIES, ridge=2.0)
    actual = fitted.queries[:, :MOVIES] @ fitted.candidates[:MOVIES].T
    np.testing.assert_allclose(actual, by_definition(histories, 2.0), atol=1e-4)
    assert not fitted.queries[:, MOVIES].any()
    assert not fitted.candidates[MOVIES].any()


def test_transitions_of_low_rank_change_the_answers_least(histories: list[list[int]]) -> None:
    solution = by_definition(histories, 2.0)
    ends = np.zeros([len(histories), len(RATES), MOVIES])
    for row, history in enumerate(histories):
        for age, movie in enumerate(reversed(history)):
            ends[row, :, movie] += np.exp(-age / np.array(RATES))
    answers = np.einsum("urm,rmn->un", ends, solution)
    fitted = fit_transitions(rows(histories), MOVIES, 2, ridge=2.0)
    actual = np.einsum("urm,rmd->ud", ends, fitted.queries[:, :MOVIES]) @ fitted.candidates[:-1].T
    # The best matrix of rank 2 leaves out the other singular values.
    left_out = np.linalg.svd(answers, compute_uv=False)[2:]
    assert np.sum((actual - answers) ** 2) == pytest.approx(np.sum(left_out**2), rel=1e-3)


def test_transitions_know_what_follows_and_not_what_came_before() -> None:
    fitted = fit_transitions(rows([[0, 1, 2]] * 50), 3, 3, ridge=0.1)
    after_0 = fitted.queries[:, 0].sum(axis=0) @ fitted.candidates.T
    after_2 = fitted.queries[:, 2].sum(axis=0) @ fitted.candidates.T
    assert after_0[1] > after_0[0] + 0.5
    assert np.abs(after_2).max() < 0.01  # the last position is no position to predict from


def test_transitions_cover_the_most_watched_movies(
    histories: list[list[int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transitions, "MOST_MOVIES", 3)
    fitted = fit_transitions(rows(histories), MOVIES, 5, ridge=2.0)
    alone = fit_transitions(
        rows([[movie for movie in history if movie < 3] for history in histories]), 3, 5, ridge=2.0
    )
    assert fitted.queries.shape == (len(RATES), MOVIES + 1, 3)
    np.testing.assert_allclose(fitted.queries[:, :3], alone.queries[:, :3], atol=1e-5)
    assert not fitted.queries[:, 3:].any()
    assert not fitted.candidates[3:].any()


def test_transitions_of_many_interactions_are_of_some_users(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(transitions, "MOST_INTERACTIONS", 60)
    many = rows([[0, 1, 2]] * 1000)
    few = fit_transitions(rows([[0, 1, 2]] * 20), 3, 3, ridge=2.0)
    sampled = fit_transitions(many, 3, 3, ridge=2.0)
    np.testing.assert_allclose(
        np.abs(sampled.queries @ sampled.candidates.T),
        np.abs(few.queries @ few.candidates.T),
        atol=0.02,
    )


def test_decays_are_by_the_distance_from_the_end() -> None:
    actual = decays(tf.ragged.constant([[5, 6, 7], [], [8]]), 2.0)
    expected = [np.exp([-1.0, -0.5, 0.0]), [], [1.0]]
    for row, wanted in zip(actual.to_list(), expected, strict=True):
        np.testing.assert_allclose(row, wanted, rtol=1e-6)


def test_transition_part_scores_as_the_regression(histories: list[list[int]]) -> None:
    fitted = fit_transitions(rows(histories), MOVIES, MOVIES, ridge=2.0)
    part = TransitionPart(fitted)
    queries = part(tf.ragged.constant([[3, 1], []], tf.int32))
    scores = tf.matmul(queries, part.table, transpose_b=True).numpy()
    solution = by_definition(histories, 2.0)
    # The last movie counts whole; the one before by the decay of each rate.
    decay = np.exp(-1 / np.array(RATES))
    expected = solution[:, 1].sum(axis=0) + np.einsum("r,rn->n", decay, solution[:, 3])
    np.testing.assert_allclose(scores[0, :MOVIES], expected, atol=1e-4)
    assert not scores[1].any()
    part.factor.assign(2.0)
    np.testing.assert_allclose(
        tf.matmul(part(tf.ragged.constant([[3, 1]])), part.table, transpose_b=True)[0, :MOVIES],
        2 * expected,
        atol=1e-4,
    )


def test_narrowed_tables_are_the_first_columns() -> None:
    tables = Transitions(np.ones([3, 4, 5]) * np.arange(5), np.ones([4, 5]) * np.arange(5))
    narrow = tables.narrowed(2)
    assert narrow.queries.shape == (3, 4, 2)
    assert narrow.candidates.tolist() == [[0, 1]] * 4

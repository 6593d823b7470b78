from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from components.trainer.config import TrainerConfig
from components.trainer.model.candidate_tower import CandidateTower
from components.trainer.model.sequence.averages import HEAD_RATES, Averages, past_matrices
from components.trainer.model.sequence.tower import SequenceTower
from components.trainer.model.sequence.transitions import Transitions

MOVIES = 9


def make_tower(**settings: object) -> SequenceTower:
    values = {"embedding_dim": 16, "window": 5, "dropout": 0.0, **settings}
    config = TrainerConfig(query="sequence", **values)
    return SequenceTower(config, 1, CandidateTower(config, np.ones(MOVIES + 1)))


def embed(tower: SequenceTower, *histories: list[int]) -> np.ndarray:
    return tower({"history": tf.ragged.constant(list(histories), tf.int32)}).numpy()


def test_order_of_the_history_changes_the_embedding() -> None:
    first, second = embed(make_tower(), [1, 2, 3], [3, 2, 1])
    assert np.abs(first - second).max() > 0.01


def test_embedding_does_not_depend_on_the_other_rows_of_a_batch() -> None:
    tower = make_tower()
    alone, together = embed(tower, [4, 2]), embed(tower, [1, 2, 3, 4, 5], [4, 2], [])
    np.testing.assert_allclose(together[1:2], alone, atol=1e-5)


def test_only_the_last_movies_of_the_window_count() -> None:
    tower = make_tower(window=3)
    np.testing.assert_allclose(embed(tower, [8, 7, 1, 2, 3]), embed(tower, [1, 2, 3]), atol=1e-5)


@pytest.mark.parametrize("blocks", [0, 1, 2])
def test_position_of_a_window_is_the_history_up_to_it(blocks: int) -> None:
    tower = make_tower(blocks=blocks)
    window = tf.ragged.constant([[1, 2, 3, 4], [5, 6]], tf.int32)
    positions = tf.ragged.constant([[0, 3, 1], [1]], tf.int32)
    trained = tower({"window": window, "positions": positions}, training=True)
    served = embed(tower, [1], [1, 2, 3, 4], [1, 2], [5, 6])
    # No look ahead: what comes after a position does not change it.
    np.testing.assert_allclose(trained, served, atol=1e-5)


def test_movies_of_an_empty_history_are_ordered_by_their_popularity() -> None:
    # Only the last dimension is left, by which the popularity of a movie is multiplied.
    assert embed(make_tower(), []).tolist() == [[0.0] * 16 + [1.0]]


def test_empty_history_and_unknown_movie_have_a_finite_embedding() -> None:
    assert np.isfinite(embed(make_tower(), [], [MOVIES])).all()


def test_dimension_of_the_bias_is_one() -> None:
    assert embed(make_tower(), [1, 2]).shape == (1, 17)
    assert embed(make_tower(), [1, 2])[0, -1] == 1.0


def test_past_matrices_are_lower_triangular_and_fall_with_the_age() -> None:
    matrices = past_matrices(tf.constant(3)).numpy()
    for matrix, rate in zip(matrices, HEAD_RATES, strict=True):
        ages = np.subtract.outer(np.arange(3), np.arange(3))
        weights = np.tril(np.exp(-ages / rate))
        expected = weights / weights.sum(axis=1, keepdims=True) ** 0.8
        np.testing.assert_allclose(matrix, expected, rtol=1e-5)


def test_past_matrices_are_between_sums_and_means() -> None:
    matrices = past_matrices(tf.constant(4)).numpy()
    assert matrices.shape == (len(HEAD_RATES), 4, 4)
    # The last head is the plain sum of n values, divided by n^0.8.
    np.testing.assert_allclose(matrices[-1, 3], np.full(4, 4**-0.8), rtol=1e-6)


def test_each_head_averages_its_own_channels_of_each_row() -> None:
    heads = len(HEAD_RATES)
    values = np.random.default_rng(0).normal(size=[2, 3, 2 * heads]).astype(np.float32)
    matrices = past_matrices(tf.constant(3)).numpy()
    past = Averages(2 * heads, 0, "averages")._past(values, matrices).numpy()
    for head in range(heads):
        channels = slice(2 * head, 2 * head + 2)
        for row in range(2):
            expected = matrices[head] @ values[row, :, channels]
            np.testing.assert_allclose(past[row, :, channels], expected, rtol=1e-5, atol=1e-6)


def test_start_is_by_what_follows_and_leaves_other_movies_alone() -> None:
    tower = make_tower()
    before = tower.embeddings.numpy()
    rng = np.random.default_rng(0)
    queries = rng.normal(size=[3, MOVIES + 1, 4])
    # Movies 1 and 2 are followed by the same movies; 5 and OOV by none.
    queries[:, 2] = queries[:, 1]
    queries[:, [5, MOVIES]] = 0
    tower.start_from(Transitions(queries, np.zeros([MOVIES + 1, 4])))
    after = tower.embeddings.numpy()
    np.testing.assert_allclose(after[[5, MOVIES]], before[[5, MOVIES]])
    width = MOVIES + 1  # of ten rows there are ten directions
    np.testing.assert_allclose(after[1, :width], after[2, :width], atol=1e-5)
    assert np.abs(after[1, :width] - after[3, :width]).max() > 0.01
    assert after[:5].std() == pytest.approx(before.std(), rel=0.5)

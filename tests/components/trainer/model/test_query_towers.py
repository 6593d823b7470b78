from __future__ import annotations

from typing import get_args

import numpy as np
import pytest
import tensorflow as tf

from components.trainer.config import TrainerConfig
from components.trainer.model.candidate_tower import CandidateTower
from components.trainer.model.query_towers import QUERY_TOWERS, HistoryTower, UserIdTower

TABLE = np.array([[1.0, 0.0], [0.0, 2.0], [3.0, 4.0]], dtype=np.float32)
HISTORY = tf.ragged.constant([[0, 2], [], [1]], dtype=tf.int32)


def make_tower(**settings: object) -> HistoryTower:
    defaults = {"history_exponent": 0.5, "dropout": 0.0, "item_bias": False}
    config = TrainerConfig(**{"embedding_dim": 2, **defaults, **settings})
    movies = CandidateTower(config, np.ones(3))
    movies.embeddings.assign(TABLE)
    return HistoryTower(config, 1, movies)


def test_history_tower_sums_embeddings_by_the_power_of_the_length() -> None:
    # (1, 0) + (3, 4) over √2; nothing; (0, 2) over √1. M starts as the identity, b at zero.
    expected = [[4 / 2**0.5, 4 / 2**0.5], [0, 0], [0, 2]]
    np.testing.assert_allclose(make_tower()({"history": HISTORY}), expected, rtol=1e-6)


def test_history_tower_pools_by_the_factors_of_weights() -> None:
    weights = tf.ragged.constant([[1.0, 9.0], [], [4.0]])
    # Factors .5 and 1.5: (.5, 0) + (4.5, 6) over √2; one movie is as without weights.
    expected = [[5 / 2**0.5, 6 / 2**0.5], [0, 0], [0, 2]]
    actual = make_tower()({"history": HISTORY, "history_weights": weights})
    np.testing.assert_allclose(actual, expected, rtol=1e-6)


def test_history_tower_projects_what_it_pooled() -> None:
    tower = make_tower()
    tower.projection.assign([[1.0, 2.0], [3.0, 4.0]])
    tower.offset.assign([0.5, -0.5])
    # Movie 1 is (0, 2): 2 · (3, 4) plus the offset; no movie is the offset alone.
    output = tower({"history": HISTORY})
    np.testing.assert_allclose(output[1:], [[0.5, -0.5], [6.5, 7.5]], rtol=1e-6)


def test_history_tower_hidden_layers_are_in_front_of_the_projection() -> None:
    tower = make_tower(hidden_layers=(3,))
    plain = tower({"history": HISTORY}).numpy()
    tower.projection.assign([[0.0, 0.0], [0.0, 0.0]])
    assert plain.shape == (3, 2)
    assert plain.any()
    assert not tower({"history": HISTORY}).numpy().any()


def test_history_tower_drops_out_only_in_training() -> None:
    tower = make_tower(dropout=0.5)
    inputs = {"history": tf.RaggedTensor.from_tensor(tf.ones([64, 1], tf.int32))}
    kept = tower(inputs, training=True).numpy()[:, 1]
    # Each value is either dropped or doubled.
    assert set(kept) == {0.0, 4.0}
    np.testing.assert_allclose(tower(inputs, training=False)[:, 1], 2.0)


def test_history_tower_appends_a_one_for_the_bias() -> None:
    output = make_tower(item_bias=True)({"history": HISTORY})
    np.testing.assert_allclose(output[:, -1], [1.0, 1.0, 1.0])


def test_history_tower_trains_the_shared_table() -> None:
    tower = make_tower()
    with tf.GradientTape() as tape:
        output = tf.reduce_sum(tower({"history": HISTORY}))
    table = next(weight for weight in tower.trainable_weights if "movie" in weight.name)
    # Movies 0 and 2 are in a history of two, movie 1 in one of one; M is the identity.
    expected = np.array([[2**-0.5] * 2, [1.0] * 2, [2**-0.5] * 2])
    np.testing.assert_allclose(tape.gradient(output, table), expected, rtol=1e-6)


@pytest.mark.parametrize(("item_bias", "hidden_layers", "width"), [(True, (), 5), (False, (8,), 4)])
def test_user_id_tower_embeds_every_index_and_the_unknown_one(
    item_bias: bool, hidden_layers: tuple[int, ...], width: int
) -> None:
    config = TrainerConfig(embedding_dim=4, item_bias=item_bias, hidden_layers=hidden_layers)
    tower = UserIdTower(config, 3, CandidateTower(config, np.ones(1)))
    output = tower({"user_index": tf.constant([0, 3, 0])}).numpy()
    assert output.shape == (3, width)
    np.testing.assert_array_equal(output[0], output[2])
    assert not np.allclose(output[0], output[1])


def test_every_query_setting_has_a_tower() -> None:
    assert set(QUERY_TOWERS) == set(get_args(TrainerConfig.model_fields["query"].annotation))

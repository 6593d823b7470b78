from __future__ import annotations

import math

import numpy as np
import pytest
import tensorflow as tf

from components.trainer.config import TrainerConfig
from components.trainer.model.candidate_tower import CandidateTower

COUNTS = np.array([5, 2, 0])


def make_tower(**settings: object) -> CandidateTower:
    return CandidateTower(TrainerConfig(embedding_dim=4, **settings), COUNTS)


def test_candidate_tower_bias_starts_at_the_share_of_interactions() -> None:
    # log((count + 1) / 7 interactions), as the last dimension.
    expected = [math.log(6 / 7), math.log(3 / 7), math.log(1 / 7)]
    np.testing.assert_allclose(make_tower()(tf.range(3))[:, -1], expected, rtol=1e-6)


@pytest.mark.parametrize("hidden_layers", [(), (8, 6)])
@pytest.mark.parametrize(("item_bias", "width"), [(True, 5), (False, 4)])
def test_candidate_tower_embeds_all_as_it_embeds_some(
    hidden_layers: tuple[int, ...], item_bias: bool, width: int
) -> None:
    tower = make_tower(item_bias=item_bias, hidden_layers=hidden_layers)
    all_movies = tower.all_movies().numpy()
    assert all_movies.shape == (3, width)
    np.testing.assert_allclose(tower(tf.constant([2, 0])), all_movies[[2, 0]], rtol=1e-5)


def test_candidate_tower_starts_from_its_seed() -> None:
    first, same, other = (make_tower(seed=seed).embeddings.numpy() for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, same)
    assert not np.allclose(first, other)


def test_candidate_tower_starts_with_the_given_spread() -> None:
    tower = CandidateTower(TrainerConfig(embedding_dim=64, initial_stddev=0.2), np.ones(400))
    # Cut off at two deviations, a normal keeps .8796 of its own.
    np.testing.assert_allclose(tower.embeddings.numpy().std(), 0.2 * 0.8796, rtol=0.02)
    assert np.abs(tower.embeddings.numpy()).max() <= 0.4

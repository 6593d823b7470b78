from __future__ import annotations

import numpy as np

from pipeline.sample_data.generate import SampleSpec, generate, planted_tastes
from pipeline.sample_data.tastes import TASTE, Tastes

SMALL = SampleSpec(users=60, movies=120, ratings=2_000, seed=3)


def test_probabilities_are_shares_of_the_circles_and_of_all() -> None:
    circle = np.array([0, 0, 1, 2])
    tastes = Tastes(circle, np.array([1.0, 3.0, 2.0, 4.0]), np.array([[0, 1], [1, 2]]))
    first, second, every = TASTE
    expected = [
        [first / 4 + every * 0.1, first * 3 / 4 + every * 0.3, second + every * 0.2, every * 0.4],
        [every * 0.1, every * 0.3, first + every * 0.2, second + every * 0.4],
    ]
    np.testing.assert_allclose(tastes.probabilities(np.array([0, 1])), expected)
    assert sum(TASTE) == 1


def test_movie_that_nobody_rates_has_no_chance() -> None:
    tastes = planted_tastes(SMALL)
    unrated = tastes.weight == 0
    assert unrated.sum() == SMALL.movies - SMALL.rated_movies
    assert not tastes.probabilities(np.arange(3))[:, unrated].any()


def test_planted_tastes_are_those_of_the_generated_data() -> None:
    planted, generated = planted_tastes(SMALL), generate(SMALL).tastes
    for name in ("circle", "weight", "taste"):
        np.testing.assert_array_equal(getattr(planted, name), getattr(generated, name))

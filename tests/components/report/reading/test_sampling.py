from __future__ import annotations

from components.report.facts import Ratings
from components.report.reading.sampling import sample_movies, sample_users, spread


def test_spread_takes_middles_of_equal_stretches() -> None:
    # Stretches of 5 of the numbers 0 to 9: their middles are 2 and 7.
    assert spread(range(10), 2) == [2, 7]


def test_spread_from_first_takes_beginnings() -> None:
    assert spread(range(10), 2, from_first=True) == [0, 5]


def test_spread_more_than_there_are_takes_all() -> None:
    assert spread("ab", 5) == ["a", "b"]


def test_spread_none_is_empty() -> None:
    assert spread("ab", 0) == []


def test_sample_users_passes_over_users_without_ratings_and_orders_by_count() -> None:
    ratings = Ratings(["a", "b", "c", "d"], [9, 0, 1, 5], {}, {})
    assert sample_users(ratings, 3) == ["c", "d", "a"]


def test_sample_movies_starts_with_most_rated_and_leaves_unrated() -> None:
    ratings = Ratings([], [], {"x": 1, "y": 3}, {"z": "Unrated"})
    assert sample_movies(ratings, 5) == ["y", "x"]


def test_sample_movies_are_well_known() -> None:
    # 100 movies, the i-th with 100-i ratings: 2 of the first 30, at 0 and 15.
    ratings = Ratings([], [], {f"{i:03}": 100 - i for i in range(100)}, {})
    assert sample_movies(ratings, 2) == ["000", "015"]

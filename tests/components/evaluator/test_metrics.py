"""The figures are worked out by hand beside each test."""

import math

import numpy as np
import pytest

from components.evaluator import metrics

LIST = [b"a", b"b", b"c", b"d", b""]


def test_held_out_ranks_gives_places_from_zero_and_missing() -> None:
    ranks = metrics.held_out_ranks(LIST, [b"c", b"x", b"a"])
    assert ranks.tolist() == [2, metrics.MISSING, 0]


def test_held_out_ranks_repeated_movie_counts_at_its_first_place() -> None:
    assert metrics.held_out_ranks([b"a", b"b", b"b"], [b"b"]).tolist() == [1]


def test_held_out_ranks_filler_is_no_movie() -> None:
    assert metrics.held_out_ranks(LIST, [b""]).tolist() == [metrics.MISSING]


def test_hits_counts_ranks_below_each_k() -> None:
    # Ranks 0 and 4 and one miss: one hit in the top 1, still one in the top 4, two in the top 5.
    ranks = np.array([4, metrics.MISSING, 0])
    assert metrics.hits(ranks, (1, 4, 5, 100)).tolist() == [1, 1, 2, 2]


def test_recall_is_share_of_held_out() -> None:
    # Two of three held-out movies are in the top 5.
    assert metrics.recall(np.array([4, metrics.MISSING, 0]), 5) == pytest.approx(2 / 3)


def test_ndcg_of_one_movie_on_the_third_place() -> None:
    # DCG = 1 / log2(2 + 2) = 1/2; ideal: the movie on the first place, 1 / log2(2) = 1.
    assert metrics.ndcg(np.array([2]), 10) == pytest.approx(0.5)


def test_ndcg_of_two_movies_one_of_them_missed() -> None:
    # DCG = 1 (first place); ideal = 1 + 1 / log2(3).
    ranks = np.array([0, metrics.MISSING])
    assert metrics.ndcg(ranks, 10) == pytest.approx(1 / (1 + 1 / math.log2(3)))


def test_ndcg_ideal_list_is_no_longer_than_k() -> None:
    # Five held-out movies, the two best on places 1 and 2: no list of two could be better.
    assert metrics.ndcg(np.array([1, 0, 2, 3, 4]), 2) == pytest.approx(1.0)


def test_ndcg_place_k_does_not_count() -> None:
    assert metrics.ndcg(np.array([2]), 2) == 0.0


def test_coverage_is_share_of_catalogue() -> None:
    assert metrics.coverage(3, 12) == 0.25
    assert metrics.coverage(0, 0) == 0.0


def test_popularity_ratio_without_popular_hits_stays_finite() -> None:
    # 6/4; 3 hits against none count as 3 against 1; none against none is not better.
    ratio = metrics.popularity_ratio(np.array([6.0, 3.0, 0.0]), np.array([4.0, 0.0, 0.0]))
    assert ratio.tolist() == [1.5, 3.0, 0.0]


# Ranks 4, none and 0 with weights 1, 2 and 5, of mean 8/3.
RANKS = np.array([4, metrics.MISSING, 0])
WEIGHTS = metrics.with_mean_one([1, 2, 5])


def test_with_mean_one_divides_by_the_mean() -> None:
    np.testing.assert_allclose(WEIGHTS, np.array([1, 2, 5]) * 3 / 8)


def test_hits_with_weights_sums_them() -> None:
    # The top 1 has 5 of 8, the top 5 has 6 of 8; times three interactions.
    actual = metrics.hits(RANKS, (1, 4, 5, 100), WEIGHTS)
    np.testing.assert_allclose(actual, [15 / 8, 15 / 8, 18 / 8, 18 / 8])


def test_recall_with_weights_is_share_of_the_weight() -> None:
    assert metrics.recall(RANKS, 4, WEIGHTS) == pytest.approx(5 / 8)
    assert metrics.recall(RANKS, 5, WEIGHTS) == pytest.approx(6 / 8)


def test_ndcg_with_weights_takes_them_as_gains() -> None:
    # DCG = 5 + 1 / log2(6). Ideal: 5, 2 and 1 on the places 1, 2 and 3.
    ideal = 5 + 2 / math.log2(3) + 1 / 2
    assert metrics.ndcg(RANKS, 10, WEIGHTS) == pytest.approx((5 + 1 / math.log2(6)) / ideal)
    # In the top 2 there is only the 5; the ideal list of two has 5 and 2.
    assert metrics.ndcg(RANKS, 2, WEIGHTS) == pytest.approx(5 / (5 + 2 / math.log2(3)))


def test_reciprocal_rank_is_of_the_first_hit() -> None:
    assert metrics.reciprocal_rank(np.array([7, 3, metrics.MISSING]), 100) == 0.25
    assert metrics.reciprocal_rank(np.array([0]), 100) == 1.0


def test_reciprocal_rank_beyond_k_is_zero() -> None:
    assert metrics.reciprocal_rank(np.array([9]), 10) == pytest.approx(0.1)
    assert metrics.reciprocal_rank(np.array([10]), 10) == 0.0
    assert metrics.reciprocal_rank(np.array([metrics.MISSING]), 10) == 0.0


@pytest.mark.parametrize(("name", "measure", "k"), metrics.PER_USER)
def test_per_user_metrics_with_equal_weights_are_those_without(name, measure, k) -> None:
    equal = metrics.with_mean_one([3, 3, 3])
    assert measure(RANKS, k, equal) == pytest.approx(measure(RANKS, k, None)), name

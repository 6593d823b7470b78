"""Totals of two or three users, worked out by hand."""

import math
import pickle
from collections.abc import Sequence

import numpy as np
import pytest

from components.evaluator.totals import COLUMNS, TOP_K, Totals, UserResult, measure_user

# A catalogue of twelve movies; lists of six.
POPULAR = [b"p1", b"p2", b"p3", b"p4", b"p5", b"p6"]


def user(
    user_id: bytes,
    held_out: list[bytes],
    top: list[bytes],
    unseen: list[bytes],
    catalogue_size: int = 12,
    weights: Sequence[float] = (),
) -> UserResult | None:
    lists = {
        "top_movie_id": top,
        "unseen_top_movie_id": unseen,
        "popular_movie_id": POPULAR,
        "unseen_popular_movie_id": [*POPULAR[1:], b""],
    }
    return measure_user(user_id, held_out, lists, catalogue_size, weights=weights)


def two_users(catalogue_size: int = 12) -> list[UserResult]:
    """Ann's held-out movies are on the places 1 and 6 of her list, Bob's one is p1."""
    ann = user(
        b"ann",
        [b"a1", b"a6"],
        [b"a1", b"a2", b"a3", b"a4", b"a5", b"a6"],
        [b"a2", b"a1", b"a3", b"a4", b"a6", b""],
        catalogue_size,
    )
    bob = user(b"bob", [b"p1"], POPULAR, POPULAR, catalogue_size)
    assert ann is not None
    assert bob is not None
    return [ann, bob]


def total(users: list[UserResult], samples: int = 0) -> Totals:
    totals = Totals(samples)
    for one in users:
        totals.add(one)
    return totals


def test_results_top_k_accuracy_counts_rows_not_users() -> None:
    # Three held-out interactions. Top 1: Ann's a1 and Bob's p1. Top 5: the same. Top 10: all.
    results = total(two_users()).results(0.95)
    assert (results["users"], results["interactions"]) == (2, 3)
    assert results["top_1_accuracy"] == pytest.approx(2 / 3)
    assert results["top_5_accuracy"] == pytest.approx(2 / 3)
    assert results["top_10_accuracy"] == 1.0


def test_results_unseen_list_is_measured_apart() -> None:
    # Ann's unseen list has a1 on place 2 and a6 on place 5.
    results = total(two_users()).results(0.95)
    assert results["unseen_top_1_accuracy"] == pytest.approx(1 / 3)
    assert results["unseen_top_5_accuracy"] == 1.0


def test_results_popularity_and_its_ratio() -> None:
    # Popular movies: only Bob's p1 is among them; in the unseen popular list not even that.
    results = total(two_users(1000)).results(0.95)
    assert results["popularity_top_1_accuracy"] == pytest.approx(1 / 3)
    assert results["unseen_popularity_top_100_accuracy"] == 0.0
    # Three hits against one, and three against none, which counts as one.
    assert results["popularity_ratio"] == 3.0
    assert results["unseen_popularity_ratio"] == 3.0


def test_results_ratio_of_a_small_catalogue_is_of_a_shorter_list() -> None:
    # A tenth of 12 movies is one, of 50 it is five. Hits in the top 1: Ann's a1 and Bob's p1,
    # against Bob's p1; unseen Bob's p1 alone, against none, which counts as one. In the top 5 of
    # the unseen list all three.
    one, five = (total(two_users(size)).results(0.95) for size in (12, 50))
    assert (one["popularity_ratio"], one["unseen_popularity_ratio"]) == (2.0, 1.0)
    assert (five["popularity_ratio"], five["unseen_popularity_ratio"]) == (2.0, 3.0)
    assert one["gate_accuracy"] == one["top_1_accuracy"]
    assert five["unseen_gate_accuracy"] == five["unseen_top_5_accuracy"]
    assert (one["catalogue_size"], five["catalogue_size"]) == (12, 50)


def test_results_of_few_users_hold_the_interval_s_upper_end_against_the_gate() -> None:
    few = many_users()[:199]
    results = total(few, samples=50).results(0.95)
    for prefix in ("", "unseen_"):
        upper = results[f"{prefix}popularity_ratio_ci_upper"]
        assert results[f"{prefix}gate_ratio"] == upper > results[f"{prefix}popularity_ratio"]
    # Without intervals, and of one user more, it is the ratio.
    for users, samples in ((few, 0), (many_users()[:200], 50)):
        results = total(users, samples).results(0.95)
        assert results["gate_ratio"] == results["popularity_ratio"]


def test_results_ndcg_and_recall_are_averaged_over_users() -> None:
    # Ann: DCG = 1 + 1/log2(7), ideal 1 + 1/log2(3). Bob: 1. Recall at 10 is 1 for both.
    ann = (1 + 1 / math.log2(7)) / (1 + 1 / math.log2(3))
    results = total(two_users()).results(0.95)
    assert results["ndcg_at_10"] == pytest.approx((ann + 1) / 2)
    assert results["recall_at_10"] == 1.0


def test_results_coverage_counts_different_movies_and_no_filler() -> None:
    # a1…a6 and p1…p6 are 12 of 12; without seen movies a1, a2, a3, a4, a6 and p1…p6 are 11.
    results = total(two_users()).results(0.95)
    assert results["coverage_at_100"] == 1.0
    assert results["unseen_coverage_at_100"] == pytest.approx(11 / 12)


def test_results_with_weights_are_means_by_weight_within_each_user() -> None:
    # Ann: a1 with weight 3 on place 1, a6 with weight 1 on place 6. Bob: p1, of any weight.
    top = [b"a1", b"a2", b"a3", b"a4", b"a5", b"a6"]
    ann = user(b"ann", [b"a1", b"a6"], top, top, weights=[3.0, 1.0])
    bob = user(b"bob", [b"p1"], POPULAR, POPULAR, weights=[100.0])
    assert ann is not None
    assert bob is not None
    results = total([ann, bob]).results(0.95)
    assert (results["users"], results["interactions"]) == (2, 3)
    # Ann's two interactions count 3/4 in the top 1 and all in the top 10; Bob's one counts 1.
    assert results["top_1_accuracy"] == pytest.approx((2 * 3 / 4 + 1) / 3)
    assert results["top_10_accuracy"] == pytest.approx(1.0)
    assert results["popularity_top_100_accuracy"] == pytest.approx(1 / 3)
    ideal = 3 + 1 / math.log2(3)
    assert results["ndcg_at_10"] == pytest.approx(((3 + 1 / math.log2(7)) / ideal + 1) / 2)


def test_measure_user_with_equal_weights_gives_the_sums_without() -> None:
    held_out, top = [b"a1", b"a6"], [b"a1", b"a2", b"a3", b"a4", b"a5", b"a6"]
    plain = user(b"ann", held_out, top, top)
    weighted = user(b"ann", held_out, top, top, weights=[3.0, 3.0])
    assert plain is not None
    assert weighted is not None
    np.testing.assert_allclose(weighted.sums, plain.sums)


def test_measure_user_without_held_out_is_not_counted() -> None:
    assert user(b"eve", [], POPULAR, POPULAR) is None


def test_results_without_users_are_not_a_number() -> None:
    results = Totals(10).results(0.95)
    assert math.isnan(results["top_100_accuracy"])
    assert math.isnan(results["popularity_ratio"])
    assert results["users"] == 0


def many_users() -> list[UserResult]:
    """600 users, two blocks and a rest, each with a hit on a place of its own."""
    users = []
    for number in range(600):
        movies = [b"m%d" % (number + position) for position in range(6)]
        result = user(b"%d" % number, [movies[number % 6], b"x"], movies, movies)
        assert result is not None
        users.append(result)
    return users


def test_merge_gives_the_same_in_any_order_and_grouping() -> None:
    users = many_users()
    whole = total(users, samples=30).results(0.95)
    merged = Totals(30)
    for part in (users[500:], users[:10], [], users[10:500]):
        merged.merge(pickle.loads(pickle.dumps(total(part, samples=30))))
    assert merged.results(0.95) == pytest.approx(whole)


def test_results_interval_holds_the_value_and_is_as_wide_as_its_error() -> None:
    # 600 users with one hit of two each on place number % 6: top 1 has 100 hits of 1,200 rows.
    # Resampled hits in the top 5 are 500 users of 600: share 5/12, standard error
    # sqrt(5/6 · 1/6 / 600) / 2 = .0076, so the 95 % interval is about .030 wide.
    users = many_users()
    results = total([one._replace(sums=top_ten_of_top_five(one)) for one in users], 400).results(
        0.95
    )
    lower, upper = results["top_10_accuracy_ci_lower"], results["top_10_accuracy_ci_upper"]
    assert lower < results["top_10_accuracy"] == pytest.approx(5 / 12)
    assert 0.024 < upper - lower < 0.036


def top_ten_of_top_five(one: UserResult) -> np.ndarray:
    """Returns sums in which the hits of the top 5 stand for those of the top 10."""
    sums = one.sums.copy()
    sums[COLUMNS.index("top_10")] = sums[COLUMNS.index("top_5")]
    return sums


def test_results_without_samples_have_no_interval() -> None:
    assert not [name for name in total(two_users()).results(0.95) if "_ci_" in name]


def test_metric_names_are_those_of_the_contract() -> None:
    names = set(total(two_users(), samples=2).results(0.95))
    for prefix in ("", "unseen_", "popularity_", "unseen_popularity_"):
        assert {f"{prefix}top_{k}_accuracy" for k in TOP_K} <= names
    for prefix in ("", "unseen_"):
        per_user = (
            "ndcg_at_10",
            "recall_at_10",
            "recall_at_100",
            "coverage_at_100",
            "popularity_ratio",
        )
        assert {prefix + name for name in per_user} <= names
    assert {"users", "interactions", "unseen_top_100_accuracy_ci_lower"} <= names


def test_results_do_not_depend_on_the_order_in_which_an_engine_adds_up() -> None:
    """To the last digit: thirds and logarithms have no exact sum unless they are rounded before."""
    movies = [b"m%d" % number for number in range(6)]
    users = [
        user(
            b"u%d" % number, movies[number % 5 : number % 5 + 1 + number % 2], movies, movies[::-1]
        )
        for number in range(200)
    ]
    several = [total(users[start::7], 20) for start in range(7)]
    merged = Totals(20)
    for part in reversed(several):
        merged.merge(part)
    assert merged.results(0.95) == total(users, 20).results(0.95)

from __future__ import annotations

import numpy as np
import pytest

from benchmarks import scoring
from benchmarks.scoring import Lists, accuracy, best, rank
from benchmarks.split import Split


@pytest.fixture
def split() -> Split:
    """Users 0 and 2 have held-out movies; user 0 has seen movie 3, user 2 has seen 0 and 1."""
    return Split(
        user_ids=np.array([b"a", b"b", b"c"]),
        movie_ids=np.array([b"p", b"q", b"r", b"s"]),
        train_user=np.array([0, 1, 2, 2], dtype=np.int32),
        train_movie=np.array([3, 0, 0, 1], dtype=np.int32),
        eval_user=np.array([0, 0, 2], dtype=np.int32),
        eval_movie=np.array([0, 1, 3], dtype=np.int32),
    )


SCORES = np.array([[1, 2, 3, 4], [0, 0, 0, 0], [4, 3, 2, 1]], dtype=np.float32)


def test_best_orders_and_leaves_out_what_is_removed() -> None:
    scores = np.array([[0.5, -np.inf, 2.0], [-np.inf, -np.inf, 0.0]], dtype=np.float32)
    assert best(scores, 3).tolist() == [[2, 0, -1], [2, -1, -1]]
    assert best(scores, 1).tolist() == [[2], [2]]


def test_rank_removes_what_was_seen_from_one_of_two_lists(split: Split) -> None:
    lists = rank(lambda users: SCORES[users], split, k=4)
    assert lists.raw.tolist() == [[3, 2, 1, 0], [0, 1, 2, 3]]
    assert lists.unseen.tolist() == [[2, 1, 0, -1], [2, 3, -1, -1]]


def test_accuracy_is_the_share_of_held_out_rows(
    split: Split, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scoring, "KS", (2, 4))
    actual = accuracy(rank(lambda users: SCORES[users], split, k=4), split)
    # Raw top 2: user 0 has (3, 2) and holds out 0, 1; user 2 has (0, 1) and holds out 3: none.
    # Unseen top 2: user 0 has (2, 1): one of three rows; user 2 has (2, 3): another.
    assert actual == {
        "top_2_accuracy": 0.0,
        "top_4_accuracy": 1.0,
        "unseen_top_2_accuracy": pytest.approx(2 / 3),
        "unseen_top_4_accuracy": 1.0,
    }


def test_accuracy_takes_no_movie_for_none(split: Split) -> None:
    # Place -1 of user 2 would have the number of the last movie of user 1, and user 1's of user 0.
    nothing = np.full((2, 100), -1, dtype=np.int32)
    assert set(accuracy(Lists(nothing, nothing), split).values()) == {0.0}


def test_one_held_out_movie_of_each_user_has_a_rank() -> None:
    split = Split(
        np.array([b"a", b"b"]),
        np.array([b"m0", b"m1", b"m2"]),
        train_user=np.array([0, 1], np.int32),
        train_movie=np.array([0, 2], np.int32),
        eval_user=np.array([0, 1], np.int32),
        eval_movie=np.array([2, 0], np.int32),
    )
    # Unseen, user 0 has (1, 2): rank 1 of the held-out 2; user 1 has (0, 1): rank 0.
    scores = np.array([[9.0, 2.0, 1.0], [3.0, 2.0, 9.0]], np.float32)
    actual = accuracy(rank(lambda users: scores[users], split, k=3), split)
    assert actual["unseen_ndcg_at_10"] == pytest.approx((1 / np.log2(3) + 1) / 2)
    assert actual["unseen_mrr"] == pytest.approx((1 / 2 + 1) / 2)
    # In the raw lists they are third and second.
    assert actual["mrr"] == pytest.approx((1 / 3 + 1 / 2) / 2)

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from components.trainer.export.popular_list import NO_ROW, PopularList

# Rows 1 and 4, and rows 0, 2 and 5, are as popular as one another.
POPULARITY = np.array([2.0, 7.0, 2.0, 9.0, 7.0, 2.0, 1.0], np.float32)
ORDER = [3, 1, 4, 0, 2, 5, 6]


def reference(removed: list[list[int]], k: int, popularity: np.ndarray) -> list[list[int]]:
    """Returns the lists by sorting the whole catalogue for each user, equals by their row."""
    order = sorted(range(len(popularity)), key=lambda row: (-popularity[row], row))
    left = [[row for row in order if row not in of_user] for of_user in removed]
    return [[*rows, *[NO_ROW] * k][:k] for rows in left]


def lists(removed: list[list[int]], k: int, popularity: np.ndarray = POPULARITY) -> list[list[int]]:
    ragged = tf.ragged.constant(removed, tf.int32, ragged_rank=1)
    answer = PopularList(popularity).without(ragged, k)
    assert answer.dtype == tf.int32
    assert answer.shape == (len(removed), k)
    return answer.numpy().tolist()


def test_popular_list_orders_rows_and_equals_by_their_number() -> None:
    popular = PopularList(POPULARITY)
    assert popular.order.numpy().tolist() == ORDER
    assert popular.rank.numpy().tolist() == [3, 1, 4, 0, 2, 5, 6]


@pytest.mark.parametrize("k", [1, 3, 7])
@pytest.mark.parametrize(
    "removed",
    [
        [[]],
        [[3]],
        [[4, 1], [], [6]],
        # Repeated, none at all, and in any order.
        [[5, 3, 5], [NO_ROW, 2, NO_ROW], [NO_ROW]],
        # More than is left, and all.
        [[0, 1, 2, 3, 4], [0, 1, 2, 3, 4, 5, 6]],
    ],
)
def test_popular_list_is_what_sorting_the_catalogue_gives(removed: list[list[int]], k: int) -> None:
    assert lists(removed, k) == reference(removed, k, POPULARITY)


def test_popular_list_is_what_sorting_a_larger_catalogue_gives() -> None:
    rng = np.random.default_rng(0)
    popularity = rng.integers(0, 30, 200).astype(np.float32)
    # Half of what is removed is of the most popular, so that it changes the list.
    best = np.argsort(-popularity)[:20]
    removed = [
        [*rng.choice(best, size).tolist(), *rng.integers(0, 200, size).tolist()]
        for size in rng.integers(0, 40, 50)
    ]
    assert lists(removed, 10, popularity) == reference(removed, 10, popularity)


def test_popular_list_of_no_user_is_empty() -> None:
    assert lists([], 3) == []

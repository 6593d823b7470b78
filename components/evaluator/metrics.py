"""What is measured on ranked lists: one small function each, in numpy alone.

The *rank* of a held-out movie is its position in a recommended list, from 0; a movie that is not in
the list has the rank MISSING, so that `rank < k` reads «is among the top k» for every k.

Every user who is measured has at least one held-out movie.

Where interactions are weighted, `weights` float64 [n] are those of the held-out movies, more than 0
and of mean 1; None stands for weights that are all 1.

A new metric of one user's ranks is a function here and a line in `PER_USER`.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

Weights = NDArray[np.float64]

MISSING = np.iinfo(np.int64).max
FILLER = b""


def held_out_ranks(recommended: Sequence[bytes], held_out: Sequence[bytes]) -> NDArray[np.int64]:
    """Returns the rank of each held-out movie in a list.

    Args:
        recommended: movie ids, best first; FILLER at the tail stands for no movie.
        held_out: movie ids of the user's held-out interactions, [n].

    Returns:
        Ranks, int64 [n]; MISSING where the movie is not in the list.
    """
    # From the end, so that a movie that is listed twice has its first position.
    positions = dict(zip(reversed(recommended), range(len(recommended) - 1, -1, -1), strict=True))
    positions.pop(FILLER, None)
    return np.array([positions.get(movie, MISSING) for movie in held_out], dtype=np.int64)


def with_mean_one(weights: Sequence[float]) -> Weights:
    """Returns the weights divided by their mean, float64 [n]."""
    array = np.asarray(weights, np.float64)
    return array / array.mean()


def hits(
    ranks: NDArray[np.int64], ks: Sequence[int], weights: Weights | None = None
) -> NDArray[np.int64] | NDArray[np.float64]:
    """Returns how many held-out movies are among the top k, for each k; int64 [len(ks)].

    With weights their weight is summed in place of their number; float64 [len(ks)]. Summed over
    users and divided by all held-out interactions this is top-k accuracy, the share of held-out
    interactions that the user's top k contains.
    """
    if weights is None:
        return np.searchsorted(np.sort(ranks), ks)
    return np.array([weights[ranks < k].sum() for k in ks])


def recall(ranks: NDArray[np.int64], k: int, weights: Weights | None = None) -> float:
    """Returns the share of one user's held-out movies, or of their weight, among the top k."""
    if weights is not None:
        return float(weights[ranks < k].sum() / weights.sum())
    return np.count_nonzero(ranks < k) / len(ranks)


def ndcg(ranks: NDArray[np.int64], k: int, weights: Weights | None = None) -> float:
    """Returns the normalised discounted cumulative gain of one user's top k.

    Järvelin and Kekäläinen, «Cumulated gain-based evaluation of IR techniques» (ACM TOIS 20(4),
    2002), with gain 1 for a held-out movie and 0 else, and discount log2(1 + position from 1):
    DCG = Σ 1 / log2(2 + rank) over ranks below k, divided by the DCG of a list that begins with
    min(n, k) held-out movies. A movie's weight is its gain; the ideal list is in their order.
    """
    discounts = _discounts(k)
    if weights is not None:
        best = np.sort(weights)[::-1][:k]
        inside = ranks < k
        gained = weights[inside] @ discounts[ranks[inside]]
        return float(gained / (best @ discounts[: len(best)]))
    gained = discounts[ranks[ranks < k]].sum()
    ideal = discounts[: len(ranks)].sum()
    return float(gained / ideal)


@functools.cache
def _discounts(k: int) -> NDArray[np.float64]:
    """Returns 1 / log2(2 + rank) of the first k ranks: 1, .63, .5, …; float64 [k]."""
    return 1.0 / np.log2(2.0 + np.arange(k))


def reciprocal_rank(ranks: NDArray[np.int64], k: int, weights: Weights | None = None) -> float:
    """Returns 1 / (1 + rank) of the first held-out movie among the top k; 0 where there is none.

    Its mean over users is the mean reciprocal rank, MRR. Weights change nothing: the first hit
    counts, whatever it weighs.
    """
    first = ranks.min()
    return float(1.0 / (1.0 + first)) if first < k else 0.0


def coverage(recommended: int, catalogue_size: int) -> float:
    """Returns the share of the catalogue that at least one user is recommended."""
    return recommended / catalogue_size if catalogue_size else 0.0


def popularity_ratio(
    model_hits: NDArray[np.float64], popularity_hits: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Returns how many times as many hits the model has as the list of popular movies.

    A list of popular movies without a hit counts as one hit: the ratio is always finite, and a
    model that has no hit either does not pass for better than popularity.
    """
    return np.asarray(model_hits) / np.maximum(popularity_hits, 1.0)


# (name, function of a user's ranks, k and weights; k): averaged over users, for the model's lists.
PER_USER: tuple[tuple[str, Callable[[NDArray[np.int64], int, Weights | None], float], int], ...] = (
    ("ndcg_at_10", ndcg, 10),
    ("recall_at_10", recall, 10),
    ("recall_at_100", recall, 100),
    ("mrr", reciprocal_rank, 100),
)

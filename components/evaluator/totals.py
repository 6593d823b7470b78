"""Sums over users from which every metric follows: what the evaluation adds up and merges."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from components.contracts.metric_names import (
    CATALOGUE_SIZE,
    CI_LOWER,
    CI_UPPER,
    GATE_ACCURACY,
    GATE_RATIO,
    LISTS,
    MODEL_LISTS,
    POPULARITY,
    POPULARITY_RATIO,
    TOP_K,
    accuracy,
)
from components.contracts.saved_model import INDEX_RECALL, NOT_MEASURED
from components.evaluator import bootstrap, metrics, small_data
from components.evaluator.metrics import PER_USER

# Metrics with an interval, for each list of the model.
_WITH_INTERVAL = (
    *(accuracy(k) for k in (10, 100)),
    "ndcg_at_10",
    POPULARITY_RATIO,
    GATE_ACCURACY,
)
WITH_INTERVAL = tuple(f"{prefix}{name}" for name in _WITH_INTERVAL for prefix in MODEL_LISTS)
COLUMNS = (
    "users",
    "interactions",
    *(f"{prefix}top_{k}" for prefix in LISTS for k in TOP_K),
    *(f"{prefix}{name}" for prefix in MODEL_LISTS for name, _, _ in PER_USER),
    INDEX_RECALL,
    "index_recall_users",
)
_COLUMN = {name: index for index, name in enumerate(COLUMNS)}
_BLOCK = 64
# Users' figures are multiples of this. Sums of them are exact up to 2^29, half a billion
# interactions, and so the same in whatever order and grouping an engine adds them up.
_UNIT = 2.0**-24


class UserResult(NamedTuple):
    """What one user adds to the totals."""

    sums: NDArray[np.float64]  # [len(COLUMNS)]
    user_hash: int
    recommended: tuple[list[bytes], ...]  # the lists of MODEL_LISTS, for coverage
    catalogue_size: int


def measure_user(
    user_id: bytes,
    held_out: Sequence[bytes],
    lists: Mapping[str, Sequence[bytes]],
    catalogue_size: int,
    weights: Sequence[float] = (),
    index_recall: float = 1.0,
) -> UserResult | None:
    """Measures one user's ranked lists against the user's held-out movies.

    With weights the user's hits are n · Σ weight of the hits / Σ weight: a user counts as many
    interactions as without, and the weights say how much each of them contributes.

    Args:
        user_id: the user.
        held_out: movie ids of the held-out interactions, [n].
        lists: name of a list (a value of LISTS) → movie ids, best first, [k].
        catalogue_size: number of movies that could have been recommended.
        weights: of the held-out interactions, more than 0, [n]; empty where all count the same.
        index_recall: share of the exact list that the model's index gives; or NOT_MEASURED.

    Returns:
        The user's share in the totals; None if nothing is held out, such a user is not counted.
    """
    if not len(held_out):
        return None
    ranks = {
        prefix: metrics.held_out_ranks(lists[name], held_out) for prefix, name in LISTS.items()
    }
    mean_one = metrics.with_mean_one(weights) if len(weights) else None
    hits = [metrics.hits(ranks[prefix], TOP_K, mean_one) for prefix in LISTS]
    per_user = [
        measure(ranks[prefix], k, mean_one) for prefix in MODEL_LISTS for _, measure, k in PER_USER
    ]
    recall = [0.0, 0.0] if index_recall == NOT_MEASURED else [index_recall, 1.0]
    return UserResult(
        np.round(np.concatenate([[1.0, len(held_out)], *hits, per_user, recall]) / _UNIT) * _UNIT,
        bootstrap.user_hash(user_id),
        tuple(list(lists[LISTS[prefix]]) for prefix in MODEL_LISTS),
        catalogue_size,
    )


def metrics_from_sums(
    sums: NDArray[np.float64], deciding_k: int = max(TOP_K)
) -> dict[str, NDArray[np.float64]]:
    """Returns the metrics that follow from sums over users, for one set of users or many.

    Args:
        sums: float64 [..., len(COLUMNS)].
        deciding_k: The k of the accuracy and of the ratio that gates decide on.

    Returns:
        Name of the metric → values, float64 [...]; NaN where there is no user.
    """

    def column(name: str) -> NDArray[np.float64]:
        return sums[..., _COLUMN[name]]

    result = {"users": column("users"), "interactions": column("interactions")}
    with np.errstate(invalid="ignore", divide="ignore"):
        for prefix in LISTS:
            for k in TOP_K:
                share = column(f"{prefix}top_{k}") / column("interactions")
                result[accuracy(k, prefix)] = share
        for prefix in MODEL_LISTS:
            for name, _, _ in PER_USER:
                result[prefix + name] = column(prefix + name) / column("users")
        result[INDEX_RECALL] = column(INDEX_RECALL) / column("index_recall_users")
    for prefix in MODEL_LISTS:
        ratio = metrics.popularity_ratio(
            column(f"{prefix}top_{deciding_k}"), column(f"{prefix}{POPULARITY}top_{deciding_k}")
        )
        result[prefix + GATE_ACCURACY] = result[accuracy(deciding_k, prefix)]
        result[f"{prefix}{POPULARITY_RATIO}"] = np.where(column("users") > 0, ratio, np.nan)
    return result


class Totals:
    """Sums over users, bounded in memory: they can be merged in any order and grouping.

    Holds the sums, the same sums for each bootstrap resample, and the sets of recommended movies
    (at most the catalogue). Users wait in blocks: a block costs one matrix product, and of the many
    totals that are under way at once one is in the processor's cache at a time.
    """

    def __init__(self, samples: int) -> None:
        """Starts empty, with that many bootstrap resamples (0 for none)."""
        self._sums = np.zeros(len(COLUMNS))
        self._resampled = np.zeros((samples, len(COLUMNS)))
        self._recommended: tuple[set[bytes], ...] = tuple(set() for _ in MODEL_LISTS)
        self._catalogue_size = 0
        self._waiting: list[UserResult] = []

    def add(self, user: UserResult) -> None:
        """Adds one user."""
        self._waiting.append(user)
        if len(self._waiting) >= _BLOCK:
            self.settle()

    def settle(self) -> None:
        """Adds the users that wait in the block to the sums."""
        if not self._waiting:
            return
        rows = np.stack([user.sums for user in self._waiting])
        hashes = np.array([user.user_hash for user in self._waiting], dtype=np.uint64)
        self._sums += rows.sum(axis=0)
        self._resampled += bootstrap.poisson_weights(hashes, len(self._resampled)) @ rows
        for index, movies in enumerate(self._recommended):
            movies.update(*(user.recommended[index] for user in self._waiting))
        sizes = (user.catalogue_size for user in self._waiting)
        self._catalogue_size = max(self._catalogue_size, *sizes)
        self._waiting = []

    def merge(self, other: Totals) -> None:
        """Adds everything that other totals hold."""
        for movies, new in zip(self._recommended, other._recommended, strict=True):
            movies.update(new)
        self._catalogue_size = max(self._catalogue_size, other._catalogue_size)
        self._sums += other._sums
        self._resampled += other._resampled
        self._waiting += other._waiting
        self.settle()

    def results(self, confidence: float) -> dict[str, float]:
        """Returns name → value of every metric; an interval as <name>_ci_lower and _ci_upper."""
        self.settle()
        k = small_data.deciding_k(self._catalogue_size)
        values = {name: float(value) for name, value in metrics_from_sums(self._sums, k).items()}
        values[CATALOGUE_SIZE] = float(self._catalogue_size)
        for prefix, movies in zip(MODEL_LISTS, self._recommended, strict=True):
            recommended = len(movies - {metrics.FILLER})
            values[f"{prefix}coverage_at_100"] = metrics.coverage(recommended, self._catalogue_size)
        if len(self._resampled):
            resampled = metrics_from_sums(self._resampled, k)
            for name in WITH_INTERVAL:
                ends = bootstrap.interval(resampled[name], confidence)
                values[f"{name}{CI_LOWER}"], values[f"{name}{CI_UPPER}"] = ends
        for prefix in MODEL_LISTS:
            values[prefix + GATE_RATIO] = small_data.deciding_ratio(values, prefix)
        return values


def metric_names(samples: int) -> list[str]:
    """Returns the names of all metrics that `Totals.results` gives."""
    return list(Totals(samples).results(0.95))

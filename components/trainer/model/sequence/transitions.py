"""Decayed transitions: what is watched after what, in closed form.

For each position t of each history, oldest movie first, and each rate τ

    q_τ(t) = Σ_{i≤t} exp(-(t-i)/τ) · e(movie_i)          what was watched, older movies less
    y(t)   = Σ_{j>t} exp(-(j-t-1)/τ_y) · e(movie_j)      what came next, later movies less

with e(movie) the unit vector of a movie. The ridge regression of y on all q_τ together is
M = (A + λI)⁻¹ · C with A = Σ q·qᵀ and C = Σ q·yᵀ over all positions. SLIST is its kin (Choi et al.
2021, "Session-aware Linear Item-Item Models for Session-based Recommendation", arXiv:2103.16104).

Both sums depend on a pair of positions of one history by their distance (and, for A, by how many
positions follow), so they are added up distance by distance, without q and y. The cost, for n
movies, r rates and h interactions:

    sums       about 100 · r · h additions at random places of two matrices
    factors    (r·n)³ / 3 FLOP of a Cholesky factorisation, 2 · r² · n³ to solve
    memory     4 · (r·n)² bytes for A, and 4 · r · n² for C, which becomes M

so n is at most MOST_MOVIES, the most watched ones, and h about MOST_INTERACTIONS: those of some
users, which are drawn by seed. The rank is reduced where it matters least: with V the leading right
singular vectors of the fitted values at the ends of histories, where queries are asked, M·V·Vᵀ is
the matrix of that rank whose answers differ least (Izenman 1975, "Reduced-rank regression for the
multivariate linear model"), and V and M·V are tables of two towers.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
import scipy.linalg
import tensorflow as tf

from components.trainer.inputs.user_rows import UserRows
from components.trainer.model.linear_part import leading_directions
from components.trainer.model.ragged import decays, sum_rows

RATES = (1.0, 4.0, 16.0)
MOST_MOVIES = 4096
MOST_INTERACTIONS = 4_000_000
_TARGET_RATE = 3.0
_LEAST_DECAY = 0.01  # what has decayed further counts nothing
ANSWERS = 8192
_OVERSAMPLING = 32
_POWER_ITERATIONS = 4


@dataclass(frozen=True)
class Transitions:
    """Tables of two towers: score = Σ_τ Σ_i exp(-age_i/τ) · queries[τ, movie_i] · candidates.

    Attributes:
        queries: A table for each of RATES, float32 [rates, movies + 1, rank]; OOV, last, is zero,
            and so is a movie that is not among the most watched ones.
        candidates: float32 [movies + 1, rank], orthogonal columns, the most important first.
    """

    queries: np.ndarray
    candidates: np.ndarray

    def narrowed(self, rank: int) -> Transitions:
        """Returns the best tables of a smaller rank."""
        return Transitions(self.queries[:, :, :rank], self.candidates[:, :rank])


def fit_transitions(
    rows: UserRows, movies: int, rank: int, ridge: float, seed: int = 0
) -> Transitions:
    """Fits the regression.

    Args:
        rows: The interactions, in time order.
        movies: Number of movies in the vocabulary, the most watched first.
        rank: Columns of the tables, at most; fewer where there are fewer movies.
        ridge: λ.
        seed: Of the users that are drawn where there are more than MOST_INTERACTIONS.
    """
    covered = min(movies, MOST_MOVIES)
    positions = _Positions(rows, covered, seed)
    solution = _solve(positions.features(), positions.targets(), ridge)
    solution = solution.reshape(len(RATES), covered, covered)
    vectors = _leading(positions.answers(solution), min(rank, covered), seed)
    queries = solution @ vectors
    missing = movies + 1 - covered
    return Transitions(
        np.pad(queries, [(0, 0), (0, missing), (0, 0)]), np.pad(vectors, [(0, missing), (0, 0)])
    )


class _Positions:
    """All positions of some histories, and the sums over their pairs."""

    def __init__(self, rows: UserRows, movies: int, seed: int) -> None:
        """Takes histories of about MOST_INTERACTIONS, without movies of index `movies` and more."""
        splits = rows.movies.row_splits.numpy()
        users = _some(np.diff(splits), seed)
        user, flat = rows.positions_of(users)
        indices = rows.movies.flat_values.numpy()[flat].astype(np.int64)
        known = indices < movies
        self._movies, self._number = indices[known], movies
        user = user[known]
        self._histories = tf.RaggedTensor.from_value_rowids(
            self._movies, np.searchsorted(np.unique(user), user)
        )
        # How many positions of the same history follow.
        last = np.searchsorted(user, user, side="right") - 1
        self._after = last - np.arange(len(user))

    def _pairs(self, distance: int) -> tuple[np.ndarray, np.ndarray]:
        """Returns the positions of one history that are so far apart: the earlier, the later."""
        earlier = np.flatnonzero(self._after >= distance)
        return earlier, earlier + distance

    def features(self) -> np.ndarray:
        """Returns the lower triangle of A, float32 [rates · movies, rates · movies].

        The pair of positions a ≤ b adds Σ_{t≥b} exp(-(t-a)/τ) · exp(-(t-b)/σ), over the positions
        t that another one follows, at the row of (τ, movie of a) and the column of (σ, movie of b).
        """
        n, size = self._number, len(RATES) * self._number
        sums = np.zeros([size, size], np.float32)
        flat = sums.reshape(-1)
        following = {pair: self._following(*pair) for pair in itertools.product(RATES, RATES)}
        for distance in range(_horizon(max(RATES)) + 1):
            earlier, later = self._pairs(distance)
            first, second = self._movies[earlier], self._movies[later]
            after = self._after[later]
            for i, rate in enumerate(RATES):
                if distance > _horizon(rate):
                    continue
                # Of a = b half, as the sum is added to its transpose.
                decay = np.float32(np.exp(-distance / rate) / (1 if distance else 2))
                for j, other in enumerate(RATES):
                    weight = decay * following[rate, other][after]
                    np.add.at(flat, (i * n + first) * size + j * n + second, weight)
        for i in range(len(RATES)):
            for j in range(i + 1):
                lower = sums[i * n : (i + 1) * n, j * n : (j + 1) * n]
                lower += sums[j * n : (j + 1) * n, i * n : (i + 1) * n].T.copy()
        return sums

    def _following(self, rate: float, other: float) -> np.ndarray:
        """Returns Σ_{s<n} exp(-s/rate) · exp(-s/other) by n, up to the longest history: float32."""
        shrinkage = np.exp(-1 / rate - 1 / other)
        numbers = np.arange(self._after.max(initial=0) + 1)
        return ((1 - shrinkage**numbers) / (1 - shrinkage)).astype(np.float32)

    def targets(self) -> np.ndarray:
        """Returns C, float32 [rates · movies, movies].

        The pair a < b adds Σ_{a≤t<b} exp(-(t-a)/τ) · exp(-(b-t-1)/τ_y).
        """
        n = self._number
        sums = np.zeros([len(RATES) * n, n], np.float32)
        flat = sums.reshape(-1)
        for distance in range(1, _horizon(max(RATES)) + _horizon(_TARGET_RATE) + 1):
            earlier, later = self._pairs(distance)
            first, second = self._movies[earlier], self._movies[later]
            for i, rate in enumerate(RATES):
                weight = _pair_weight(distance, rate)
                if weight:
                    np.add.at(flat, (i * n + first) * n + second, np.float32(weight))
        return sums

    def answers(self, solution: np.ndarray) -> tf.Tensor:
        """Returns q·M at the end of each history, of ANSWERS at most: float32 [users, movies]."""
        answers = []
        for table, rate in zip(solution, RATES, strict=True):
            recent = self._histories[:ANSWERS, -1 - _horizon(rate) :]
            answers.append(sum_rows(table, recent, decays(recent, rate)))
        return tf.add_n(answers)


def _some(lengths: np.ndarray, seed: int) -> np.ndarray:
    """Returns users, ascending, whose histories have about MOST_INTERACTIONS; all if possible."""
    if lengths.sum() <= MOST_INTERACTIONS:
        return np.arange(len(lengths))
    order = np.random.default_rng(seed).permutation(len(lengths))
    number = np.searchsorted(np.cumsum(lengths[order]), MOST_INTERACTIONS)
    return np.sort(order[:number])


def _horizon(rate: float) -> int:
    """Returns the distance from which on a rate's decay is less than _LEAST_DECAY."""
    return int(np.ceil(-np.log(_LEAST_DECAY) * rate))


def _pair_weight(distance: int, rate: float) -> float:
    """Returns what a pair of positions adds to C."""
    ages = np.arange(distance)
    ahead = distance - 1 - ages
    near = (ages <= _horizon(rate)) & (ahead <= _horizon(_TARGET_RATE))
    return float(np.exp(-ages[near] / rate - ahead[near] / _TARGET_RATE).sum())


def _solve(features: np.ndarray, targets: np.ndarray, ridge: float) -> np.ndarray:
    """Returns (A + λI)⁻¹ · C, float32 [rates · movies, movies]; overwrites the lower triangle A."""
    features[np.diag_indices_from(features)] += ridge
    # LAPACK counts by columns: the lower triangle is the upper one of the transpose, not copied.
    factor = scipy.linalg.cho_factor(features.T, lower=False, overwrite_a=True, check_finite=False)
    return scipy.linalg.cho_solve(factor, targets, check_finite=False)


def _leading(answers: tf.Tensor, rank: int, seed: int) -> np.ndarray:
    """Returns the right singular vectors of the largest singular values, float32 [movies, rank].

    Args:
        answers: Fitted values, float32 [users, movies].
        rank: Number of vectors.
        seed: Of the subspace.
    """
    squares = tf.matmul(answers, answers, transpose_a=True)
    size = int(squares.shape[0])
    if 2 * rank >= size:
        return tf.linalg.eigh(squares)[1][:, ::-1][:, :rank].numpy()
    _, vectors = leading_directions(
        lambda basis: tf.matmul(squares, basis),
        size,
        rank,
        seed,
        oversampling=_OVERSAMPLING,
        iterations=_POWER_ITERATIONS,
    )
    return vectors.numpy()

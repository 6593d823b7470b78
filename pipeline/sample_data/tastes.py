"""The planted tastes: all that a model can learn of the generated data."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipeline.sample_data.titles import CIRCLES

# Shares of a user's ratings: from the circle liked most, from the second one, from all movies.
TASTE = (0.62, 0.23, 0.15)


@dataclass(frozen=True)
class Tastes:
    """Which circles users like, which movies these have, and how popular movies are.

    Attributes:
        circle: int64 [movies], the circle of each movie.
        weight: float64 [movies], how often each movie is drawn, relative to others.
        taste: int64 [users, 2], the circles that each user likes most and second.
    """

    circle: np.ndarray
    weight: np.ndarray
    taste: np.ndarray

    def probabilities(self, users: np.ndarray) -> np.ndarray:
        """Returns how probable each movie is as the next draw for a user.

        No model can rank unseen movies better than by these: what a user rates is drawn by them,
        each movie once.

        Args:
            users: Indices of users, int [n].

        Returns:
            float64 [n, movies].
        """
        first, second, every = TASTE
        in_circle = np.arange(len(CIRCLES))[:, np.newaxis] == self.circle
        shares = in_circle * self.weight
        shares /= np.maximum(shares.sum(axis=1, keepdims=True), np.finfo(np.float64).tiny)
        return (
            first * shares[self.taste[users, 0]]
            + second * shares[self.taste[users, 1]]
            + every * self.weight / self.weight.sum()
        )

"""Samples users and movies to show: deterministic, and spread over the number of ratings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from components.report.facts import Ratings

T = TypeVar("T")
# Nearest movies are judged by who knows them: of the rated movies only this share, from the top.
WELL_KNOWN = 0.3


def sample_users(ratings: Ratings, count: int) -> list[str]:
    """Returns users from few ratings to many; those without any are skipped."""
    counted = zip(ratings.by_user, ratings.users, strict=True)
    active = sorted((number, user) for number, user in counted if number > 0)
    return [user for _, user in spread(active, count)]


def sample_movies(ratings: Ratings, count: int) -> list[str]:
    """Returns well-known movies, from the most rated down."""
    rated = [movie for movie in ratings.movies_by_popularity() if movie in ratings.by_movie]
    known = max(count, int(WELL_KNOWN * len(rated)))
    return spread(rated[:known], count, from_first=True)


def spread(values: Sequence[T], count: int, from_first: bool = False) -> list[T]:
    """Returns `count` values (or all, where there are fewer) at even distances.

    Args:
        values: What to sample from.
        count: How many.
        from_first: Takes the first of each stretch, not its middle.
    """
    if count >= len(values):
        return list(values)
    step = len(values) / count if count else 0
    offset = 0.0 if from_first else 0.5
    return [values[int((index + offset) * step)] for index in range(count)]

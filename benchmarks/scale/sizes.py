"""The sizes of the generated data: users and movies in MovieLens's proportions."""

from __future__ import annotations

import argparse
import math
from dataclasses import dataclass
from itertools import pairwise

MILLION = 1_000_000
DEFAULT = (MILLION, 5 * MILLION, 25 * MILLION)
SMALLEST = 20_000
# Ratings, users, movies: as ML-100K, ML-1M and ML-25M have them, and between the last two.
_KNOWN = (
    (100_000, 943, 1_682),
    (MILLION, 6_040, 3_883),
    (5 * MILLION, 32_000, 12_000),
    (25 * MILLION, 162_000, 59_000),
)


@dataclass(frozen=True)
class DataSize:
    """Numbers of ratings, users and movies."""

    ratings: int
    users: int
    movies: int

    @property
    def name(self) -> str:
        """The ratings in short, for folders and tables: `1M`, `200k`."""
        for unit, letter in ((MILLION, "M"), (1_000, "k")):
            if not self.ratings % unit:
                return f"{self.ratings // unit}{letter}"
        return str(self.ratings)


def size_of(ratings: int) -> DataSize:
    """Returns users and movies for so many ratings.

    Between the sizes that are known, and beyond them, each number is a power of the ratings.
    """
    low, high = next((pair for pair in pairwise(_KNOWN) if ratings <= pair[1][0]), _KNOWN[-2:])
    share = math.log(ratings / low[0]) / math.log(high[0] / low[0])
    users, movies = (
        round(math.exp((1 - share) * math.log(low[i]) + share * math.log(high[i]))) for i in (1, 2)
    )
    return DataSize(ratings, users, movies)


def ratings_argument(text: str) -> int:
    """Returns the number of ratings that an option of the command line says.

    Raises:
        argparse.ArgumentTypeError: It is no number, or too small.
    """
    if not text.isdecimal() or int(text) < SMALLEST:
        raise argparse.ArgumentTypeError(
            f"'{text}' is no number of ratings of at least {SMALLEST:,}, as 1000000"
        )
    return int(text)

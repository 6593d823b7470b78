"""How cost grows with the size of the data."""

from __future__ import annotations

import math
from collections.abc import Sequence


def exponent(
    small: float | None, large: float | None, small_ratings: int, large_ratings: int
) -> float | None:
    """Returns p of cost ~ ratings^p between two sizes: log(t2 / t1) / log(n2 / n1).

    Args:
        small: Cost at the smaller size; None or 0 where there is none.
        large: Cost at the larger size.
        small_ratings: Ratings of the smaller size.
        large_ratings: Ratings of the larger size.

    Returns:
        The exponent; None where one of the costs is missing or the sizes are the same.
    """
    if not small or not large or small_ratings == large_ratings:
        return None
    return math.log(large / small) / math.log(large_ratings / small_ratings)


def exponents(costs: Sequence[float | None], ratings: Sequence[int]) -> list[float | None]:
    """Returns the exponent of each step from a size to the next, then that of the whole range.

    Args:
        costs: At each size, ascending; None where there is none.
        ratings: Ratings of each size.
    """
    ends = [(i, i + 1) for i in range(len(ratings) - 1)]
    ends += [(0, len(ratings) - 1)] if len(ratings) > 2 else []
    return [exponent(costs[i], costs[j], ratings[i], ratings[j]) for i, j in ends]

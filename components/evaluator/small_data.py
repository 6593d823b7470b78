"""What the gates decide on where the catalogue is small, or few users have held-out interactions.

A top 100 of 120 movies holds nearly all of them, whoever ranks: no model is then better than
popularity. And over a few users every figure depends on chance.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from components.contracts.metric_names import (
    CATALOGUE_SIZE,
    CI_LOWER,
    CI_UPPER,
    GATE_ACCURACY,
    POPULARITY_RATIO,
    TOP_K,
    accuracy,
)

Figures = Mapping[str, float]

# A list may be this share of the catalogue. 1,000 movies are enough for a top 100, as the sample's.
_LARGEST_SHARE = 0.1
# Of fewer users the interval of the ratio is as a rule wider than the 5 % that the gate asks for.
FEW_USERS = 200


def deciding_k(catalogue_size: float) -> int:
    """Returns the largest of TOP_K that is at most a tenth of the catalogue, or the smallest one.

    A catalogue of 0 movies is one that was not measured: 100.
    """
    if not catalogue_size:
        return max(TOP_K)
    return max((k for k in TOP_K if k <= _LARGEST_SHARE * catalogue_size), default=min(TOP_K))


def k_of(metrics: Figures) -> int:
    """Returns the k that the gates decide on, from the figures over all users."""
    return deciding_k(metrics.get(CATALOGUE_SIZE, 0.0))


def are_few(metrics: Figures) -> bool:
    """Says whether so few users have held-out interactions that intervals decide."""
    return 0 < metrics.get("users", math.inf) < FEW_USERS


def deciding_ratio(metrics: Figures, prefix: str) -> float:
    """Returns the ratio to popularity that is held against the threshold.

    Of few users it is the upper end of the interval: a model is refused only where chance does not
    explain that it is too weak. Without intervals it is the ratio itself.

    Args:
        metrics: Figures over some users.
        prefix: "" or UNSEEN.
    """
    ratio = metrics[prefix + POPULARITY_RATIO]
    upper = metrics.get(prefix + POPULARITY_RATIO + CI_UPPER, math.nan)
    return upper if are_few(metrics) and math.isfinite(upper) else ratio


def few_users_warning(metrics: Figures) -> str:
    """Returns a warning of how little is known where few users are measured; else ""."""
    if not are_few(metrics):
        return ""
    users, name = metrics["users"], accuracy(k_of(metrics))
    start = f"only {users:,.0f} users have held-out interactions"
    lower = metrics.get(GATE_ACCURACY + CI_LOWER)
    upper = metrics.get(GATE_ACCURACY + CI_UPPER)
    if lower is None or upper is None:
        return f"{start}, and there are no intervals (evaluator.bootstrap_samples)"
    return (
        f"{start}: {name} is known to ±{(upper - lower) / 2:.2f}, and the gates on popularity "
        "refuse only where the whole interval is below the threshold"
    )

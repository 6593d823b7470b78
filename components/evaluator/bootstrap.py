"""Poisson bootstrap over users, with weights that depend on nothing but the user.

Each resample counts each user Poisson(1) times, which is what drawing users with replacement comes
to when there are many (Chamandy et al., «Estimating uncertainty for massive data streams», Google,
2012). The weights come from a hash of the user id and the number of the resample, so they are the
same on every worker and runner, in every order, for the model and for the live model.
"""

from __future__ import annotations

import hashlib
import math

import numpy as np
from numpy.typing import NDArray

from components.hashing import splitmix64, to_fraction

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
# P(weight <= w) for w = 0, 1, …; beyond 15 the probability is below 1e-13.
_POISSON = np.cumsum([math.exp(-1.0) / math.factorial(weight) for weight in range(16)])


def user_hash(user_id: bytes) -> int:
    """Returns 64 bits that are the same for the same user in every process."""
    return int.from_bytes(hashlib.blake2b(user_id, digest_size=8).digest(), "little")


def poisson_weights(user_hashes: NDArray[np.uint64], samples: int) -> NDArray[np.float64]:
    """Returns how often each resample counts each user.

    Args:
        user_hashes: uint64 [users].
        samples: number of resamples.

    Returns:
        Poisson(1) distributed weights, float64 [samples, users].
    """
    steps = np.arange(1, samples + 1, dtype=np.uint64)[:, np.newaxis] * _GOLDEN
    uniforms = to_fraction(splitmix64(user_hashes[np.newaxis, :] + steps))
    return np.searchsorted(_POISSON, uniforms, side="right").astype(np.float64)


def interval(replicates: NDArray[np.float64], confidence: float) -> tuple[float, float]:
    """Returns the percentile interval of a metric's resampled values.

    Args:
        replicates: values of the metric, float64 [samples]; NaN where a resample was empty.
        confidence: share of the resamples inside, .95 for 95 %.

    Returns:
        Lower and upper end; (NaN, NaN) if no resample has a value.
    """
    values = replicates[np.isfinite(replicates)]
    if not len(values):
        return math.nan, math.nan
    tail = (1.0 - confidence) / 2.0
    lower, upper = np.quantile(values, [tail, 1.0 - tail])
    return float(lower), float(upper)

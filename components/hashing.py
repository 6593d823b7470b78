"""SplitMix64: 64 bits that look random, the same in every process and on every machine."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def splitmix64(state: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Returns SplitMix64's output function of each state (Steele et al., OOPSLA 2014), uint64."""
    state = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    state = (state ^ (state >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return state ^ (state >> np.uint64(31))


def to_fraction(bits: NDArray[np.uint64]) -> NDArray[np.float64]:
    """Returns the upper 53 bits as a number in [0, 1), float64."""
    return (bits >> np.uint64(11)) * 2.0**-53

"""Positions of ids in a vocabulary or catalogue."""

from __future__ import annotations

import numpy as np


def positions_in(ids: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Returns the position in `ids` of each of the wanted ids [n], -1 for none: int64 [n]."""
    positions = {identity: position for position, identity in enumerate(ids)}
    return np.array([positions.get(identity, -1) for identity in wanted], dtype=np.int64)

"""Ids and their places in a vocabulary."""

from __future__ import annotations

import numpy as np


def places_in(ids: np.ndarray, asked: np.ndarray) -> np.ndarray:
    """Returns for each of the asked ids [n] its place among `ids`, or -1: int64 [n]."""
    places = {identity: place for place, identity in enumerate(ids)}
    return np.array([places.get(identity, -1) for identity in asked], dtype=np.int64)

"""EASE: H. Steck, «Embarrassingly Shallow Autoencoders for Sparse Data» (WWW 2019).

In numpy, because no library with it installs on both stacks: RecTools 0.19 wants NumPy below 2 on
Python 3.11 and 3.12 and a newer SciPy than TFX 1.16 has, cornac 3.0 wants NumPy 2.
"""

from __future__ import annotations

import time

import numpy as np

from benchmarks.contenders import Fitted, Options
from benchmarks.scoring import rank
from benchmarks.split import World

RIDGE = 1000.0


def item_weights(gram: np.ndarray, ridge: float) -> np.ndarray:
    """Returns B of the closed form, float32 [movies, movies], zero on the diagonal.

    P = (XᵀX + λI)⁻¹, B_ij = -P_ij / P_jj (the paper's equation 8).

    Args:
        gram: XᵀX, float32 [movies, movies].
        ridge: λ.
    """
    precision = np.linalg.inv(gram + ridge * np.eye(len(gram), dtype=gram.dtype))
    weights = precision / -np.diag(precision)
    np.fill_diagonal(weights, 0.0)
    return weights


def fit(world: World, options: Options) -> Fitted:
    """Inverts."""
    split = world.split
    matrix = split.matrix
    start = time.perf_counter()
    weights = item_weights((matrix.T @ matrix).toarray(), RIDGE)
    seconds = time.perf_counter() - start
    notes = {"settings": f"λ {RIDGE:g}"}
    return Fitted(lambda: rank(lambda users: matrix[users] @ weights, split), seconds, notes)

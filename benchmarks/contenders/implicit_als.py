"""Implicit ALS (Hu, Koren and Volinsky, ICDM 2008) of the library implicit."""

from __future__ import annotations

import time

import numpy as np
from scipy import sparse

from benchmarks.contenders import Fitted, Options
from benchmarks.scoring import rank
from benchmarks.split import World

FACTORS, ALPHA, REGULARIZATION, ITERATIONS = 64, 5.0, 30.0, 15


def factorise(
    matrix: sparse.csr_matrix,
    regularization: float = REGULARIZATION,
    seed: int = Options.seed,
) -> tuple[np.ndarray, np.ndarray]:
    """Alternates; the library uses all cores, and wants BLAS to use one.

    Args:
        matrix: Ones where a user rated, float32 [users, movies].
        regularization: λ.
        seed: Of the first factors.

    Returns:
        Factors of the users and of the movies, float32 [users, FACTORS] and [movies, FACTORS].
    """
    from implicit.als import AlternatingLeastSquares
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1, "blas"):
        model = AlternatingLeastSquares(
            factors=FACTORS,
            alpha=ALPHA,
            regularization=regularization,
            iterations=ITERATIONS,
            random_state=seed,
        )
        model.fit(matrix, show_progress=False)
    return model.user_factors, model.item_factors


def fit(world: World, options: Options) -> Fitted:
    """Factorises with the settings that are good on ML-1M."""
    import implicit.als  # noqa: F401  its import is not in the time

    split = world.split
    matrix = split.matrix
    start = time.perf_counter()
    users, movies = factorise(matrix, seed=options.seed)
    seconds = time.perf_counter() - start
    notes = {"settings": f"d {FACTORS}, α {ALPHA:g}, λ {REGULARIZATION:g}, {ITERATIONS} iterations"}
    return Fitted(lambda: rank(lambda asked: users[asked] @ movies.T, split), seconds, notes)

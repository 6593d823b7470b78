"""Implicit ALS (Hu, Koren and Volinsky, ICDM 2008) of the library implicit."""

from __future__ import annotations

import time

from benchmarks.contenders import Fitted, Options
from benchmarks.scoring import rank
from benchmarks.split import World

FACTORS, ALPHA, REGULARIZATION, ITERATIONS, SEED = 64, 5.0, 30.0, 15, 42


def fit(world: World, options: Options) -> Fitted:
    """Alternates; the library uses all cores, and wants BLAS to use one."""
    from implicit.als import AlternatingLeastSquares
    from threadpoolctl import threadpool_limits

    split = world.split
    matrix = split.matrix
    with threadpool_limits(1, "blas"):
        start = time.perf_counter()
        model = AlternatingLeastSquares(
            factors=FACTORS,
            alpha=ALPHA,
            regularization=REGULARIZATION,
            iterations=ITERATIONS,
            random_state=SEED,
        )
        model.fit(matrix, show_progress=False)
        seconds = time.perf_counter() - start
    users, movies = model.user_factors, model.item_factors
    notes = {"settings": f"d {FACTORS}, α {ALPHA:g}, λ {REGULARIZATION:g}, {ITERATIONS} iterations"}
    return Fitted(lambda: rank(lambda asked: users[asked] @ movies.T, split), seconds, notes)

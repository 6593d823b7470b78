"""Vectors and queries for measurements of an index, made up: like trained ones, and the worst case.

Nothing but numpy: other libraries can be measured on the same vectors in environments of their own.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]

KINDS = ("grouped", "random")
_BLOCK = 1 << 20
# Of grouped vectors: spread about the centre of the group, of log lengths, of queries.
_SPREAD, _LENGTHS, _WANDERING = 0.6, 0.3, 0.2
_GROUPS_OF_A_QUERY = 3


def make(kind: str, movies: int, dim: int, queries: int, seed: int = 0) -> tuple[Vectors, Vectors]:
    """Makes candidates and queries.

    Args:
        kind: `grouped`: √n groups of unequal size, lengths that vary, and in the last dimension
            the log of a share that falls as a power of the rank; a query likes a few groups, and
            has a 1 in the last dimension, as those of our towers. `random`: plain normal vectors
            and queries, among which nothing is close to anything.
        movies: Number of candidates.
        dim: Dimension of both.
        queries: Number of queries.
        seed: Of the vectors.

    Returns:
        float32 [movies, dim] and [queries, dim].
    """
    rng = np.random.default_rng(seed)
    vectors = np.empty([movies, dim], np.float32)
    if kind == "random":
        for start in range(0, movies, _BLOCK):
            rng.standard_normal(out=vectors[start : start + _BLOCK], dtype=np.float32)
        return vectors, rng.standard_normal([queries, dim], np.float32)
    groups = max(1, round(movies**0.5))
    centres = rng.standard_normal([groups, dim - 1], np.float32)
    share = np.arange(1, groups + 1) ** -0.5
    share /= share.sum()
    popularity = -0.8 * np.log(rng.permutation(movies) + 1.0)
    popularity -= np.log(np.exp(popularity).sum())
    vectors[:, -1] = popularity
    for start in range(0, movies, _BLOCK):
        block = vectors[start : start + _BLOCK, :-1]
        rng.standard_normal(out=(noise := np.empty(block.shape, np.float32)), dtype=np.float32)
        lengths = rng.lognormal(0, _LENGTHS, [len(block), 1]) * 2 / dim**0.5
        chosen = centres[rng.choice(groups, len(block), p=share)]
        block[:] = (chosen + _SPREAD * noise) * lengths
    liked = centres[rng.choice(groups, [queries, _GROUPS_OF_A_QUERY], p=share)].mean(axis=1)
    tastes = 4 * (liked + _WANDERING * rng.standard_normal(liked.shape))
    return vectors, np.concatenate([tastes, np.ones([queries, 1])], axis=1).astype(np.float32)

"""Vectors and queries from which tests make indexes, and the lists that they should give."""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from components.trainer.export.candidate_index import CandidateIndex, Candidates
from components.trainer.export.exact_index import ExactIndex
from components.trainer.export.partitioned_index import Division, PartitionedIndex
from components.trainer.export.partitions import partition_by_cosine, partition_by_product

DIM, SIMILARITY_DIM = 9, 6


def candidates(movies: int = 2000, groups: int = 40, seed: int = 0) -> Candidates:
    """Groups of movies, each with a popularity in its last dimension; every tenth is unrated."""
    rng = np.random.default_rng(seed)
    centers = rng.standard_normal([groups, DIM - 1])
    vectors = centers[rng.integers(groups, size=movies)]
    vectors = vectors + 0.3 * rng.standard_normal(vectors.shape)
    popularity = np.log(rng.uniform(0.01, 1, [movies, 1]))
    vectors = np.concatenate([vectors, popularity], axis=1).astype(np.float32)
    return Candidates(vectors, SIMILARITY_DIM, np.arange(movies) % 10 != 9)


def queries(count: int, seed: int = 1) -> np.ndarray:
    """Tastes, and a 1 by which the popularity counts: float32 [count, DIM]."""
    rng = np.random.default_rng(seed)
    tastes = 2 * rng.standard_normal([count, DIM - 1])
    return np.concatenate([tastes, np.ones([count, 1])], axis=1).astype(np.float32)


def exact(world: Candidates, precision: str = "float32") -> ExactIndex:
    return ExactIndex(world, precision)


def partitioned(
    world: Candidates,
    partitions: int = 60,
    probes: int = 15,
    precision: str = "float32",
    divide_similar: bool = True,
) -> PartitionedIndex:
    similar = np.ascontiguousarray(world.vectors[:, : world.similarity_dim])
    return PartitionedIndex(
        world,
        Division(partition_by_product(world.vectors, partitions, seed=0), probes),
        Division(partition_by_cosine(similar, partitions, seed=0), probes)
        if divide_similar
        else None,
        precision,
    )


def lists(
    index: CandidateIndex, asked: np.ndarray, k: int, needed: int | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Returns the best scores and rows of an index, [n, k]."""
    scores, rows = index.search(
        tf.constant(asked), tf.fill([len(asked)], k if needed is None else needed)
    ).best(k)
    return scores.numpy(), rows.numpy()


def recall(found: np.ndarray, wanted: np.ndarray) -> float:
    """Returns the mean share of the wanted rows, [n, k], that were found, [n, k]."""
    shares = [len(set(a) & set(b)) / len(b) for a, b in zip(found, wanted, strict=True)]
    return float(np.mean(shares))

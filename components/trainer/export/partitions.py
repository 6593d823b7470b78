"""Partitions of the candidates by spherical k-means, for products and for cosines.

Spherical k-means assigns a vector of length 1 to the centroid, of length 1 too, with the largest
cosine. For the largest dot products the vectors get one more coordinate that makes them equally
long, and the query a 0 there, so that order by dot product is order by cosine (Auvolat et al.
2015, "Clustering is Efficient for Approximate Maximum Inner Product Search", arXiv:1507.05910).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import tensorflow as tf

Lift = Callable[[np.ndarray], np.ndarray]

_ITERATIONS = 10
# Vectors of each partition from which the centroids are learned.
_SAMPLE = 50
# Cosines that are computed at once, 64 MB.
_MOST_COSINES = 1 << 24
# Partitions are as many as this times the square root of the catalogue: comparing a query with the
# centroids then costs about as much as scoring what is in the probed partitions (docs/scale.md).
_FACTOR = 4.0
_LEAST_NORM = 1e-6


@dataclass(frozen=True)
class Partitions:
    """A division of vectors; none of its parts is empty.

    Attributes:
        order: The vectors' rows, by partition; int32 [n].
        starts: Where each partition starts in `order`, and n; int32 [partitions + 1].
        centroids: float32 [partitions, dim]; their products with a query rank the partitions.
    """

    order: np.ndarray
    starts: np.ndarray
    centroids: np.ndarray

    @property
    def count(self) -> int:
        """Number of partitions."""
        return len(self.centroids)

    @property
    def sizes(self) -> np.ndarray:
        """Vectors of each partition, int32 [partitions]."""
        return np.diff(self.starts)

    def of_rows(self) -> np.ndarray:
        """Returns the partition of each row, int32 [n]."""
        partition = np.empty_like(self.order)
        partition[self.order] = np.repeat(np.arange(self.count, dtype=np.int32), self.sizes)
        return partition


def number_of_partitions(vectors: int) -> int:
    """Returns how many partitions suit a number of vectors: 4,000 for a million."""
    return max(1, min(vectors, round(_FACTOR * vectors**0.5)))


def sample_size(vectors: int, partitions: int) -> int:
    """Returns from how many of the vectors the centroids are learned."""
    return min(vectors, _SAMPLE * partitions)


def partition_by_product(vectors: np.ndarray, count: int, seed: int) -> Partitions:
    """Divides vectors float32 [n, dim] so that large dot products with a query are together.

    Args:
        vectors: What is divided.
        count: Number of partitions; empty ones are left out.
        seed: Of the sample and of the first centroids.
    """
    longest = max(float(np.sqrt(np.einsum("nd,nd->n", vectors, vectors).max())), _LEAST_NORM)

    def lift(block: np.ndarray) -> np.ndarray:
        scaled = block / longest
        rest = np.sqrt(np.maximum(0.0, 1.0 - np.square(scaled).sum(axis=1, keepdims=True)))
        return np.concatenate([scaled, rest], axis=1).astype(np.float32)

    partitions = _partition(vectors, lift, count, seed)
    centroids = np.ascontiguousarray(partitions.centroids[:, :-1])
    return Partitions(partitions.order, partitions.starts, centroids)


def partition_by_cosine(vectors: np.ndarray, count: int, seed: int) -> Partitions:
    """Divides vectors float32 [n, dim] by direction; arguments as of partition_by_product."""
    return _partition(vectors, _directions, count, seed)


def _partition(vectors: np.ndarray, lift: Lift, count: int, seed: int) -> Partitions:
    rng = np.random.default_rng(seed)
    rows = rng.choice(len(vectors), sample_size(len(vectors), count), replace=False)
    sample = lift(vectors[np.sort(rows)])
    centroids = sample[np.sort(rng.choice(len(sample), count, replace=False))]
    for _ in range(_ITERATIONS):
        nearest = _nearest(sample, np.asarray, centroids)
        sums = tf.math.unsorted_segment_sum(sample, nearest, count).numpy()
        empty = np.bincount(nearest, minlength=count) == 0
        centroids = np.where(empty[:, np.newaxis], centroids, _directions(sums))
    nearest = _nearest(vectors, lift, centroids)
    sizes = np.bincount(nearest, minlength=count)
    starts = np.concatenate([[0], np.cumsum(sizes[sizes > 0])]).astype(np.int32)
    order = np.argsort(nearest, kind="stable").astype(np.int32)
    return Partitions(order, starts, centroids[sizes > 0])


def _nearest(vectors: np.ndarray, lift: Lift, centroids: np.ndarray) -> np.ndarray:
    """Returns each vector's centroid, int32 [n], in blocks of bounded memory."""
    block = max(1, _MOST_COSINES // len(centroids))
    nearest = np.empty(len(vectors), dtype=np.int32)
    for start in range(0, len(vectors), block):
        cosines = tf.matmul(lift(vectors[start : start + block]), centroids, transpose_b=True)
        nearest[start : start + block] = tf.argmax(cosines, axis=1, output_type=tf.int32).numpy()
    return nearest


def _directions(vectors: np.ndarray) -> np.ndarray:
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    return (vectors / np.maximum(norms, _LEAST_NORM)).astype(np.float32)

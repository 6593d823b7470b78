"""Partitions of vectors that a test makes up."""

from __future__ import annotations

import numpy as np
import pytest

from components.trainer.export.partitions import (
    Partitions,
    number_of_partitions,
    partition_by_cosine,
    partition_by_product,
)

BUNDLES, EACH, DIM = 8, 25, 8


def bundles(seed: int = 0) -> np.ndarray:
    """Eight bundles of 25 vectors about orthogonal directions, of lengths 1 to 2."""
    rng = np.random.default_rng(seed)
    vectors = np.repeat(np.eye(DIM)[:BUNDLES], EACH, axis=0)
    vectors = vectors + 0.05 * rng.standard_normal(vectors.shape)
    return (vectors * rng.uniform(1, 2, [len(vectors), 1])).astype(np.float32)


def members(partitions: Partitions) -> list[set[int]]:
    ends = zip(partitions.starts, partitions.starts[1:], strict=False)
    return [set(partitions.order[start:end].tolist()) for start, end in ends]


@pytest.mark.parametrize("divide", [partition_by_product, partition_by_cosine])
def test_partition_puts_every_vector_into_one_partition(divide) -> None:
    vectors = np.random.default_rng(1).standard_normal([300, 5]).astype(np.float32)
    partitions = divide(vectors, 20, seed=3)
    assert sorted(partitions.order.tolist()) == list(range(300))
    assert partitions.starts[0] == 0
    assert partitions.starts[-1] == 300
    assert partitions.sizes.min() > 0
    assert partitions.centroids.shape == (partitions.count, 5)
    of_rows = partitions.of_rows()
    for number, rows in enumerate(members(partitions)):
        assert {number} == set(of_rows[sorted(rows)].tolist())


def test_partition_by_cosine_never_mixes_bundles() -> None:
    # With 40 first centroids for 8 bundles every bundle has one, but for a chance of 8 · (7/8)^40.
    for rows in members(partition_by_cosine(bundles(), 40, seed=0)):
        assert len({row // EACH for row in rows}) == 1


def test_partition_by_product_tells_long_vectors_from_short_ones() -> None:
    # One direction: only the length differs, and the longest vectors have the largest products.
    lengths = np.linspace(1, 10, 200, dtype=np.float32)
    vectors = lengths[:, np.newaxis] * np.ones([1, 4], np.float32)
    partitions = partition_by_product(vectors, 10, seed=0)
    first = int(np.argmax(partitions.centroids @ np.ones(4, np.float32)))
    assert 199 in members(partitions)[first]
    assert min(members(partitions)[first]) > 100


def test_partition_is_the_same_for_the_same_seed() -> None:
    one, other = (partition_by_product(bundles(), 12, seed=5) for _ in range(2))
    np.testing.assert_array_equal(one.order, other.order)
    np.testing.assert_array_equal(one.centroids, other.centroids)
    assert not np.array_equal(one.centroids, partition_by_product(bundles(), 12, seed=6).centroids)


def test_partition_of_equal_vectors_has_one_partition() -> None:
    partitions = partition_by_product(np.ones([30, 3], np.float32), 5, seed=0)
    assert partitions.count == 1
    assert partitions.order.tolist() == list(range(30))


def test_partition_of_vectors_of_zeros() -> None:
    for divide in (partition_by_product, partition_by_cosine):
        partitions = divide(np.zeros([10, 3], np.float32), 3, seed=0)
        assert sorted(partitions.order.tolist()) == list(range(10))
        assert np.isfinite(partitions.centroids).all()


@pytest.mark.parametrize(
    # 4 · √n, never more than there are vectors.
    ("vectors", "expected"),
    [(1, 1), (9, 9), (100, 40), (1_000_000, 4000)],
)
def test_number_of_partitions(vectors: int, expected: int) -> None:
    assert number_of_partitions(vectors) == expected

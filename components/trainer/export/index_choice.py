"""Which index a model gets: exact where that is cheap, partitions where it is not.

How many partitions are probed is measured: the best k of real queries are found exactly, and as
many partitions are probed as hold the wanted share of them. The queries are users, and no user is
among the candidates from which the partitions were learned.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import asdict, dataclass

import numpy as np
import tensorflow as tf

from components.trainer.config import TrainerConfig
from components.trainer.export.candidate_index import CandidateIndex, Candidates, cosines
from components.trainer.export.exact_index import ExactIndex
from components.trainer.export.partitioned_index import Division, PartitionedIndex
from components.trainer.export.partitions import (
    Partitions,
    number_of_partitions,
    partition_by_cosine,
    partition_by_product,
    sample_size,
)
from components.trainer.export.scores import FullScores

# Below it one product with all movies takes a few milliseconds (docs/scale.md).
AUTO_MOVIES = 200_000
# Of the catalogue: where more has to be read, an exact product is as fast.
_LARGEST_SHARE = 0.25
# Users, and movies, whose exact lists are compared: 1,000 lists of 100 give the recall to ±.002.
QUERIES = 1000
_BLOCK = 16


@dataclass(frozen=True)
class Queries:
    """Queries of which the index is to find the best candidates.

    Attributes:
        vectors: float32 [n, dim].
        removed: Rows that are not to be in the lists, ragged int32 [n, None].
    """

    vectors: np.ndarray
    removed: tf.RaggedTensor


@dataclass(frozen=True)
class Measured:
    """What a number of probes gives, on the queries that it was chosen for.

    Attributes:
        partitions: Their number.
        probes: Partitions that a query looks into.
        recall: Share of the exact top k that is found.
        share: Mean share of the catalogue that a query is compared with.
    """

    partitions: int
    probes: int
    recall: float
    share: float


@dataclass(frozen=True)
class ChosenIndex:
    """An index, and how it came about.

    Attributes:
        index: The index.
        facts: `kind` exact or partitioned, `precision`; of a partitioned one, or one that was
            tried, `search` and `similar` as Measured: from a `share` of a quarter on, all
            movies are compared.
    """

    index: CandidateIndex
    facts: dict[str, object]


def choose_index(
    candidates: Candidates, queries: Callable[[], Queries], k: int, config: TrainerConfig
) -> ChosenIndex:
    """Builds the index that the settings and the catalogue's size ask for.

    Args:
        candidates: The catalogue.
        queries: Gives users to measure with; called where partitions are made.
        k: Length of the lists.
        config: Settings.
    """
    movies = len(candidates.vectors)
    facts: dict[str, object] = {"kind": "exact", "precision": config.index_precision}
    if _is_exact(movies, config):
        return ChosenIndex(ExactIndex(candidates, config.index_precision), facts)
    search, found = _division_for_search(candidates, queries(), k, config)
    if config.index == "auto" and found.share > _LARGEST_SHARE:
        facts["search"] = asdict(found)
        logging.info(
            "Index: exact; partitions would have to read %.0f %% of %d movies for a recall of %.3f",
            100 * found.share,
            movies,
            found.recall,
        )
        return ChosenIndex(ExactIndex(candidates, config.index_precision), facts)
    similar, near = _division_for_similar(candidates, k, config)
    index = PartitionedIndex(
        candidates,
        search,
        None if near.share > _LARGEST_SHARE else similar,
        config.index_precision,
    )
    facts |= {"kind": "partitioned", "search": asdict(found), "similar": asdict(near)}
    logging.info("Index: partitioned; search: %s; similar movies: %s", found, near)
    return ChosenIndex(index, facts)


def bytes_to_build(movies: int, width: int, config: TrainerConfig) -> int:
    """Returns the bytes that `choose_index` has at its peak, the vectors of the catalogue included.

    An exact index has the vectors three times: as given, as a tensor, and stored. Partitions have
    them twice more when they are stored in another order; when they are found, as given, by
    direction and as a tensor, and beside:

        block          4 · 16 · movies, three times: scores of a block of queries, their order
        sample         4 · 50 · partitions · width, three times: as it is, lifted, and its sums
        ranks          8 · 1,000 · partitions, three times: of the partitions for each query

    Args:
        movies: Number of movies of the catalogue.
        width: Dimensions of a vector.
        config: Settings.
    """
    vectors = 4 * movies * width
    if _is_exact(movies, config):
        return 3 * vectors
    count = _count(movies, config)
    parts = (4 * _BLOCK * movies, 4 * sample_size(movies, count) * width, 8 * QUERIES * count)
    return max(5 * vectors, 3 * vectors + 3 * sum(parts))


def _is_exact(movies: int, config: TrainerConfig) -> bool:
    """Returns whether no partitions are tried."""
    return config.index == "exact" or (config.index == "auto" and movies < AUTO_MOVIES)


def _division_for_search(
    candidates: Candidates, queries: Queries, k: int, config: TrainerConfig
) -> tuple[Division, Measured]:
    vectors = candidates.vectors
    partitions = partition_by_product(vectors, _count(len(vectors), config), config.seed)
    table = tf.convert_to_tensor(vectors)

    def scores(block: tf.Tensor) -> tf.Tensor:
        return tf.matmul(block, table, transpose_b=True)

    best = exact_best(scores, queries, k)
    found = measure(queries.vectors, partitions, best, config.index_recall, config.index_probes)
    return Division(partitions, found.probes), found


def _division_for_similar(
    candidates: Candidates, k: int, config: TrainerConfig
) -> tuple[Division, Measured]:
    vectors = np.ascontiguousarray(candidates.vectors[:, : candidates.similarity_dim])
    partitions = partition_by_cosine(vectors, _count(len(vectors), config), config.seed)
    inverse = candidates.inverse_norms()
    rated = np.flatnonzero(candidates.rated)
    rows = evenly(rated if len(rated) else np.arange(len(vectors)), QUERIES).astype(np.int32)
    directions = vectors[rows] * inverse[rows, np.newaxis]
    queries = Queries(directions, tf.RaggedTensor.from_tensor(rows[:, np.newaxis]))

    def scores(block: tf.Tensor) -> tf.Tensor:
        return cosines(tf.matmul(block, vectors, transpose_b=True), inverse)

    best = exact_best(scores, queries, min(k, max(1, len(rated) - 1)))
    near = measure(directions, partitions, best, config.index_recall)
    return Division(partitions, near.probes), near


def _count(vectors: int, config: TrainerConfig) -> int:
    return min(vectors, config.index_partitions or number_of_partitions(vectors))


def evenly(values: np.ndarray, count: int) -> np.ndarray:
    """Returns at most `count` of the values [n], at even distances."""
    places = np.linspace(0, len(values) - 1, min(count, len(values)))
    return values[np.round(places).astype(np.int64)]


def exact_best(scores: Callable[[tf.Tensor], tf.Tensor], queries: Queries, k: int) -> np.ndarray:
    """Returns the rows of the best candidates of each query, int32 [n, k].

    Args:
        scores: Queries float32 [block, dim] → scores of the catalogue float32 [block, movies].
        queries: The queries.
        k: At most the candidates that are left of any query.
    """
    blocks = []
    for start in range(0, len(queries.vectors), _BLOCK):
        removed = queries.removed[start : start + _BLOCK]
        found = FullScores(scores(tf.constant(queries.vectors[start : start + _BLOCK])))
        blocks.append(found.without(removed).best(k)[1].numpy())
    return np.concatenate(blocks)


def measure(
    queries: np.ndarray, partitions: Partitions, best: np.ndarray, recall: float, probes: int = 0
) -> Measured:
    """Finds how many partitions hold the wanted share of the best candidates.

    Args:
        queries: float32 [n, dim].
        partitions: Of the candidates.
        best: Rows of each query's best candidates, int32 [n, k].
        recall: Wanted share of them.
        probes: Number of partitions to measure instead; 0: choose it.
    """
    order = np.argsort(-(queries @ partitions.centroids.T), axis=1, kind="stable")
    ranks = np.empty_like(order)
    np.put_along_axis(ranks, order, np.arange(partitions.count)[np.newaxis], axis=1)
    needed = np.take_along_axis(ranks, partitions.of_rows()[best], axis=1) + 1
    if not probes:
        ordered = np.sort(needed, axis=None)
        probes = int(ordered[max(0, int(np.ceil(recall * len(ordered))) - 1)])
    probes = min(probes, partitions.count)
    read = partitions.sizes[order[:, :probes]].sum(axis=1).mean()
    return Measured(
        partitions.count,
        probes,
        round(float(np.mean(needed <= probes)), 4),
        round(float(read) / len(partitions.order), 4),
    )

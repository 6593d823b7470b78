"""The training data: one row per user, with the indices of the movies the user rated."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import tensorflow as tf

from components.contracts.example_readers import BATCH, records
from components.contracts.examples import WEIGHT
from components.errors import DataError
from components.trainer.inputs.transform_graph import TransformGraph

_WEIGHTS = {WEIGHT: tf.io.RaggedFeature(tf.float32, row_splits_dtype=tf.int64)}


@dataclass(frozen=True)
class UserRows:
    """Users and their movies, in memory.

    Attributes:
        user_index: int32 [users].
        movies: Indices of each user's movies, in time order; ragged int32 [users, None].
        weights: How much each interaction counts, in units of the mean over all of train; ragged
            float32 [users, None], parallel to `movies`. None where all count the same.
    """

    user_index: tf.Tensor
    movies: tf.RaggedTensor
    weights: tf.RaggedTensor | None = None

    @property
    def users(self) -> int:
        """Number of users."""
        return int(self.user_index.shape[0])

    @property
    def interactions(self) -> int:
        """Number of (user, movie) pairs."""
        return int(self.movies.flat_values.shape[0])

    def columns(self) -> tuple[tf.Tensor | tf.RaggedTensor, ...]:
        """Returns user index and movies, and the weights where there are any."""
        columns = (self.user_index, self.movies)
        return columns if self.weights is None else (*columns, self.weights)


@dataclass(frozen=True)
class Summary:
    """Counts of the training data, from one pass over it.

    Attributes:
        users: Number of rows.
        interactions: Number of (user, movie) pairs.
        movie_counts: Interactions of each movie of the vocabulary, OOV last; int64 [movies + 1].
        rows: All rows, ordered by user index, or None if they exceed the cache.
        mean_weight: Mean weight of an interaction; None where the data have no weights.
    """

    users: int
    interactions: int
    movie_counts: np.ndarray
    rows: UserRows | None
    mean_weight: float | None = None


def read_rows(
    files: Sequence[str], graph: TransformGraph, mean_weight: float | None = None
) -> tf.data.Dataset:
    """Returns blocks of rows, as UserRows.columns gives them.

    Args:
        files: Gzip TFRecords of user Examples.
        graph: Transform graph.
        mean_weight: The unit of the weights; None to read none.
    """

    def parse(examples: tf.Tensor) -> tuple[tf.Tensor | tf.RaggedTensor, ...]:
        user_index, movies = graph.user_rows(examples)
        if mean_weight is None:
            return user_index, movies
        return user_index, movies, _in_units(_raw_weights(examples), movies, mean_weight)

    return records(files).batch(BATCH).map(parse, num_parallel_calls=2).prefetch(1)


def summarise(files: Sequence[str], graph: TransformGraph, cache_bytes: int) -> Summary:
    """Reads the training data once; retains the rows if they take at most `cache_bytes` bytes.

    Raises:
        DataError: There is no interaction to train on, or a user has another number of weights than
            of interactions.
    """
    users, counts = 0, np.zeros(graph.movies + 1, dtype=np.int64)
    retained: list[tuple[tf.Tensor | tf.RaggedTensor, ...]] | None = []
    size, weighted, total_weight = 0, False, 0.0
    for user_index, movies, weights in _raw_blocks(files, graph):
        users += int(user_index.shape[0])
        counts += np.bincount(movies.flat_values.numpy(), minlength=len(counts))
        weighted = weighted or bool(len(weights.flat_values))
        total_weight += _total_weight(weights, movies)
        parts = (user_index, movies.flat_values, weights.flat_values)
        size += sum(part.numpy().nbytes for part in parts)
        if size > cache_bytes:
            retained = None
        elif retained is not None:
            retained.append((user_index, movies, weights))
    interactions = int(counts.sum())
    if not interactions:
        raise DataError(f"no interaction to train on in {list(files)}")
    mean_weight = total_weight / interactions if weighted else None
    rows = _retained_rows(retained, mean_weight) if retained else None
    return Summary(users, interactions, counts, rows, mean_weight)


def load(files: Sequence[str], graph: TransformGraph, mean_weight: float | None = None) -> UserRows:
    """Reads all rows into memory, whatever their size (4 bytes for an interaction, 4 for a weight).

    The arguments are those of read_rows.
    """
    return _concatenate(list(read_rows(files, graph, mean_weight)))


def _raw_blocks(files: Sequence[str], graph: TransformGraph) -> tf.data.Dataset:
    """Returns blocks of user index, movies and the weights as they are: [] for none."""
    return (
        records(files)
        .batch(BATCH)
        .map(
            lambda examples: (*graph.user_rows(examples), _raw_weights(examples)),
            num_parallel_calls=2,
        )
        .prefetch(1)
    )


def _raw_weights(examples: tf.Tensor) -> tf.RaggedTensor:
    """Returns the weights in user Examples, string [batch]: ragged float32 [batch, None]."""
    return tf.io.parse_example(examples, _WEIGHTS)[WEIGHT]


def _total_weight(weights: tf.RaggedTensor, movies: tf.RaggedTensor) -> float:
    """Returns the sum of the weights of a block, in which a user without weights counts 1 each.

    Raises:
        DataError: A user has another number of weights than of interactions.
    """
    lengths, expected = weights.row_lengths().numpy(), movies.row_lengths().numpy()
    missing = lengths == 0
    if (lengths != expected)[~missing].any():
        raise DataError(f"{WEIGHT}: a user has not as many weights as interactions")
    return float(weights.flat_values.numpy().sum(dtype=np.float64) + expected[missing].sum())


def _in_units(weights: tf.RaggedTensor, movies: tf.RaggedTensor, mean: float) -> tf.RaggedTensor:
    """Returns the weights divided by their mean; movies of users without weights weigh 1."""
    missing = tf.gather(weights.row_lengths() == 0, movies.value_rowids())
    ones = movies.with_flat_values(tf.ones_like(movies.flat_values, tf.float32))
    filled = tf.concat(
        [weights, tf.ragged.boolean_mask(ones, movies.with_flat_values(missing))], axis=1
    )
    return filled.with_flat_values(filled.flat_values / mean)


def _retained_rows(
    blocks: Sequence[tuple[tf.Tensor | tf.RaggedTensor, ...]], mean_weight: float | None
) -> UserRows:
    """Returns the rows of raw blocks."""
    if mean_weight is None:
        return _concatenate([block[:2] for block in blocks])
    return _concatenate(
        [(users, movies, _in_units(raw, movies, mean_weight)) for users, movies, raw in blocks]
    )


def _concatenate(blocks: Sequence[tuple[tf.Tensor | tf.RaggedTensor, ...]]) -> UserRows:
    columns = [tf.concat(parts, axis=0) for parts in zip(*blocks, strict=True)]
    # Beam writes in any order; with sorted rows the figures depend on the data alone.
    order = tf.argsort(columns[0], stable=True)
    return UserRows(*(tf.gather(column, order) for column in columns))

"""The training data: one row per user, with the indices of the movies the user rated."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import tensorflow as tf

from components.contracts.example_readers import BATCH, records
from components.errors import DataError
from components.trainer.inputs.transform_graph import TransformGraph


@dataclass(frozen=True)
class UserRows:
    """Users and their movies, in memory.

    Attributes:
        user_index: int32 [users].
        movies: Indices of each user's movies, in time order; ragged int32 [users, None].
    """

    user_index: tf.Tensor
    movies: tf.RaggedTensor

    @property
    def users(self) -> int:
        """Number of users."""
        return int(self.user_index.shape[0])

    @property
    def interactions(self) -> int:
        """Number of (user, movie) pairs."""
        return int(self.movies.flat_values.shape[0])


@dataclass(frozen=True)
class Summary:
    """Counts of the training data, from one pass over it.

    Attributes:
        users: Number of rows.
        interactions: Number of (user, movie) pairs.
        movie_counts: Interactions of each movie of the vocabulary, OOV last; int64 [movies + 1].
        rows: All rows, ordered by user index, or None if they exceed the cache.
    """

    users: int
    interactions: int
    movie_counts: np.ndarray
    rows: UserRows | None


def read_rows(files: Sequence[str], graph: TransformGraph) -> tf.data.Dataset:
    """Returns blocks of (user index int32 [block], movies ragged int32 [block, None])."""
    return records(files).batch(BATCH).map(graph.user_rows, num_parallel_calls=2).prefetch(1)


def summarise(files: Sequence[str], graph: TransformGraph, cache_bytes: int) -> Summary:
    """Reads the training data once; retains the rows if they take at most `cache_bytes` bytes.

    Raises:
        DataError: There is no interaction to train on.
    """
    users, counts = 0, np.zeros(graph.movies + 1, dtype=np.int64)
    retained: list[tuple[tf.Tensor, tf.RaggedTensor]] | None = []
    size = 0
    for user_index, movies in read_rows(files, graph):
        users += int(user_index.shape[0])
        counts += np.bincount(movies.flat_values.numpy(), minlength=len(counts))
        size += user_index.numpy().nbytes + movies.flat_values.numpy().nbytes
        if size > cache_bytes:
            retained = None
        elif retained is not None:
            retained.append((user_index, movies))
    if not counts.sum():
        raise DataError(f"no interaction to train on in {list(files)}")
    return Summary(users, int(counts.sum()), counts, _concatenate(retained) if retained else None)


def load(files: Sequence[str], graph: TransformGraph) -> UserRows:
    """Reads all rows into memory, whatever their size (4 bytes for each interaction)."""
    return _concatenate(list(read_rows(files, graph)))


def _concatenate(blocks: Sequence[tuple[tf.Tensor, tf.RaggedTensor]]) -> UserRows:
    user_index = tf.concat([block[0] for block in blocks], axis=0)
    movies = tf.concat([block[1] for block in blocks], axis=0)
    # Beam writes in any order; with sorted rows the figures depend on the data alone.
    order = tf.argsort(user_index, stable=True)
    return UserRows(tf.gather(user_index, order), tf.gather(movies, order))

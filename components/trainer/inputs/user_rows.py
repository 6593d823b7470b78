"""The training data: one row per user, with the indices of the movies the user rated."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import tensorflow as tf

from components.contracts.example_readers import BATCH, records
from components.contracts.examples import TIMESTAMP, WEIGHT
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

    def positions_of(self, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Returns the interactions of some rows, int [n].

        Returns:
            The row of each interaction and its position in `movies.flat_values`, int64 [k] each.
        """
        splits = self.movies.row_splits.numpy()
        lengths = splits[rows + 1] - splits[rows]
        before = np.cumsum(lengths) - lengths
        positions = np.repeat(splits[rows] - before, lengths) + np.arange(lengths.sum())
        return np.repeat(rows, lengths), positions

    def only(self, positions: np.ndarray) -> UserRows:
        """Returns the rows with some of their interactions, ascending positions int64 [k]."""
        splits = np.searchsorted(positions, self.movies.row_splits.numpy())
        return self._with_values(lambda values: values[positions], splits)

    def without(self, positions: np.ndarray) -> UserRows:
        """Returns the rows without some of their interactions, ascending positions int64 [k]."""
        splits = self.movies.row_splits.numpy()
        splits = splits - np.searchsorted(positions, splits)
        return self._with_values(lambda values: np.delete(values, positions), splits)

    def _with_values(
        self, select: Callable[[np.ndarray], np.ndarray], splits: np.ndarray
    ) -> UserRows:
        return UserRows(
            self.user_index,
            *(
                tf.RaggedTensor.from_row_splits(
                    select(column.flat_values.numpy()), splits, validate=False
                )
                for column in self.columns()[1:]
            ),
        )


@dataclass(frozen=True)
class Summary:
    """The training data and their counts, from one pass over them.

    Attributes:
        movie_counts: Interactions of each movie of the vocabulary, OOV last; int64 [movies + 1].
        rows: All rows, ordered by user index.
        has_times: Whether the data say when interactions were.
    """

    movie_counts: np.ndarray
    rows: UserRows
    has_times: bool = False


def summarise(files: Sequence[str], graph: TransformGraph) -> Summary:
    """Reads the training data once: 4 bytes for an interaction, 4 more for a weight.

    Args:
        files: Gzip TFRecords of user Examples.
        graph: Transform graph.

    Raises:
        DataError: There is no interaction to train on, or a user has another number of weights than
            of interactions.
    """
    counts = np.zeros(graph.movies + 1, dtype=np.int64)
    blocks: list[tuple[tf.Tensor | tf.RaggedTensor, ...]] = []
    weighted, total_weight = False, 0.0
    for user_index, movies, weights in _raw_blocks(files, graph):
        counts += np.bincount(movies.flat_values.numpy(), minlength=len(counts))
        weighted = weighted or bool(len(weights.flat_values))
        total_weight += _total_weight(weights, movies)
        blocks.append((user_index, movies, weights))
    interactions = int(counts.sum())
    if not interactions:
        raise DataError(f"no interaction to train on in {list(files)}")
    rows = _joined(blocks, total_weight / interactions if weighted else None)
    return Summary(counts, rows, _has_times(files))


def _has_times(files: Sequence[str]) -> bool:
    """Says whether interactions have different times; data without have the same for all."""
    spec = {TIMESTAMP: tf.io.RaggedFeature(tf.int64)}
    for batch in records(files).batch(BATCH).take(1):
        times = tf.io.parse_example(batch, spec)[TIMESTAMP].flat_values.numpy()
        return bool(len(times)) and times.min() < times.max()
    return False


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


def _joined(
    blocks: Sequence[tuple[tf.Tensor | tf.RaggedTensor, ...]], mean_weight: float | None
) -> UserRows:
    """Returns the rows of raw blocks, ordered by user index.

    Beam writes in any order; with sorted rows the figures depend on the data alone.
    """
    if mean_weight is None:
        parts = [block[:2] for block in blocks]
    else:
        parts = [
            (users, movies, _in_units(raw, movies, mean_weight)) for users, movies, raw in blocks
        ]
    columns = [tf.concat(column, axis=0) for column in zip(*parts, strict=True)]
    order = tf.argsort(columns[0], stable=True)
    return UserRows(*(tf.gather(column, order) for column in columns))

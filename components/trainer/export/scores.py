"""Scores of candidates: of the whole catalogue, or of a short list of it for each query.

A *row* is a row of the catalogue, int32, NO_ROW for none. What is not a candidate, or no longer
one, has the score LOWEST.
"""

from __future__ import annotations

from abc import ABC, abstractmethod

import tensorflow as tf

LOWEST = tf.float32.min
NO_ROW = -1

Best = tuple[tf.Tensor, tf.Tensor]


class Scores(ABC):
    """Scores of candidates for each query of a batch; immutable."""

    @abstractmethod
    def less(self, rows: tf.RaggedTensor, penalties: tf.Variable) -> Scores:
        """Subtracts from rows [batch, None], each time they occur, their penalties [catalogue]."""

    @abstractmethod
    def without(self, rows: tf.RaggedTensor) -> Scores:
        """Removes rows [batch, None]."""

    @abstractmethod
    def best(self, k: int) -> Best:
        """Returns the best scores float32 [batch, k], and their rows int32 [batch, k].

        Where fewer than k candidates are left the tail has the score LOWEST.
        """


class FullScores(Scores):
    """A score for each movie of the catalogue.

    Attributes:
        values: float32 [batch, catalogue].
    """

    def __init__(self, values: tf.Tensor) -> None:
        """Takes the scores."""
        self.values = values

    def less(self, rows: tf.RaggedTensor, penalties: tf.Variable) -> FullScores:
        """Subtracts from rows [batch, None], each time they occur, their penalties [catalogue]."""
        coordinates, present = _coordinates(rows)
        values = tf.tensor_scatter_nd_sub(self.values, coordinates, tf.gather(penalties, present))
        return FullScores(values)

    def without(self, rows: tf.RaggedTensor) -> FullScores:
        """Removes rows [batch, None]."""
        coordinates, present = _coordinates(rows)
        lowest = tf.fill(tf.shape(present), LOWEST)
        return FullScores(tf.tensor_scatter_nd_update(self.values, coordinates, lowest))

    def best(self, k: int) -> Best:
        """Returns the best scores float32 [batch, k], and their rows int32 [batch, k]."""
        scores, rows = tf.math.top_k(self.values, k)
        return scores, rows


class ShortList(Scores):
    """Scores of some candidates of each query.

    Attributes:
        values: float32 [batch, m].
        rows: Of these candidates, each once; int32 [batch, m].
    """

    def __init__(self, values: tf.Tensor, rows: tf.Tensor) -> None:
        """Takes scores and rows; the score of NO_ROW is LOWEST."""
        self.values, self.rows = values, rows

    def less(self, rows: tf.RaggedTensor, penalties: tf.Variable) -> ShortList:
        """Subtracts from rows [batch, None], each time they occur, their penalties [catalogue]."""
        times = tf.cast(occurrences(self.rows, rows), tf.float32)
        penalty = times * tf.gather(penalties, tf.maximum(self.rows, 0))
        return ShortList(self.values - penalty, self.rows)

    def without(self, rows: tf.RaggedTensor) -> ShortList:
        """Removes rows [batch, None]."""
        removed = occurrences(self.rows, rows) > 0
        return ShortList(tf.where(removed, LOWEST, self.values), self.rows)

    def best(self, k: int) -> Best:
        """Returns the best scores float32 [batch, k], and their rows int32 [batch, k]."""
        missing = [[0, 0], [0, tf.maximum(0, k - tf.shape(self.values)[1])]]
        values = tf.pad(self.values, missing, constant_values=LOWEST)
        rows = tf.pad(self.rows, missing, constant_values=NO_ROW)
        scores, columns = tf.math.top_k(values, k)
        return scores, tf.gather(rows, columns, batch_dims=1)


def occurrences(wanted: tf.Tensor, rows: tf.RaggedTensor) -> tf.Tensor:
    """Returns how often each of `wanted`, int32 [batch, m], is in `rows`, ragged [batch, None].

    NO_ROW never is.

    Returns:
        int32 [batch, m].
    """
    # A column more: searchsorted makes nothing of tensors of width 0.
    column = [[0, 0], [0, 1]]
    ordered = tf.pad(rows.to_tensor(default_value=NO_ROW), column, constant_values=NO_ROW)
    ordered = tf.sort(ordered, axis=1)
    values = tf.pad(wanted, column, constant_values=NO_ROW)
    first = tf.searchsorted(ordered, values, side="left")
    last = tf.searchsorted(ordered, values, side="right")
    return tf.where(wanted > NO_ROW, (last - first)[:, :-1], 0)


def _coordinates(rows: tf.RaggedTensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Returns the (query, row) pairs int32 [n, 2] and rows [n] of ragged rows, without NO_ROW."""
    present = tf.where(rows.flat_values > NO_ROW)[:, 0]
    values = tf.gather(rows.flat_values, present)
    queries = tf.gather(rows.value_rowids(), present)
    return tf.stack([tf.cast(queries, tf.int32), values], axis=1), values

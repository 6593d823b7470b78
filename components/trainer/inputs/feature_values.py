"""Categorical features of movies and users, as indices of their values."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import tensorflow as tf


@dataclass(frozen=True)
class FeatureValues:
    """One feature of many rows.

    Attributes:
        name: Its name, as in the Examples.
        vocabulary: Its values, bytes objects [values].
        rows: Indices of each row's values, ragged int32 [rows, None]. A row without a known value
            has one index, `values`, which stands for an unknown value: no row is empty.
    """

    name: str
    vocabulary: np.ndarray
    rows: tf.RaggedTensor

    @property
    def unknown(self) -> int:
        """The index of an unknown value."""
        return len(self.vocabulary)

    @property
    def is_known(self) -> bool:
        """Whether any row has a known value.

        The vocabulary does not say: Transform never leaves one empty, it adds a random word.
        """
        return bool(tf.reduce_any(self.rows.flat_values < self.unknown))


def index_values(name: str, rows: Sequence[Iterable[bytes]]) -> FeatureValues:
    """Returns a feature; its vocabulary is the sorted values of its rows."""
    vocabulary = sorted(set().union(*rows)) if rows else []
    index = {value: position for position, value in enumerate(vocabulary)}
    indices = [[index[value] for value in values] or [len(vocabulary)] for values in rows]
    return FeatureValues(
        name,
        np.array(vocabulary, dtype=object),
        tf.ragged.constant(indices, ragged_rank=1, dtype=tf.int32),
    )


def reorder(feature: FeatureValues, old_rows: np.ndarray) -> FeatureValues:
    """Returns the feature with other rows.

    Args:
        feature: A feature.
        old_rows: The old row of each new row, -1 for one of unknown value; int [n].
    """
    unknown = tf.RaggedTensor.from_row_lengths(tf.constant([feature.unknown], tf.int32), [1])
    rows = tf.concat([feature.rows, unknown], axis=0)
    return FeatureValues(feature.name, feature.vocabulary, tf.gather(rows, old_rows % rows.nrows()))

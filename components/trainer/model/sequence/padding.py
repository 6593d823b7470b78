"""Rows of different lengths, one after another or padded to the longest."""

from __future__ import annotations

import tensorflow as tf


class Padding:
    """The way from the values of rows, [values, …], to a tensor [rows, longest, …], and back.

    What treats each value by itself costs less without padding: on ML-1M a third of a batch of
    windows is padding.

    Attributes:
        length: Number of values of the longest row, an int32 scalar.
    """

    def __init__(self, rows: tf.RaggedTensor) -> None:
        """Takes the lengths of the rows of a ragged tensor, [rows, None]."""
        row, splits = (tf.cast(x, tf.int32) for x in (rows.value_rowids(), rows.row_splits))
        self._coordinates = tf.stack([row, tf.range(tf.size(row)) - tf.gather(splits, row)], axis=1)
        self._rows = tf.cast(rows.nrows(), tf.int32)
        self.length = tf.cast(rows.bounding_shape(axis=1), tf.int32)

    def pad(self, values: tf.Tensor) -> tf.Tensor:
        """Returns float32 [rows, longest, width], zero behind a row, of [values, width]."""
        shape = tf.stack([self._rows, self.length, values.shape[1]])
        return tf.scatter_nd(self._coordinates, values, shape)

    def unpad(self, padded: tf.Tensor) -> tf.Tensor:
        """Returns float32 [values, width] of [rows, longest, width]."""
        return tf.gather_nd(padded, self._coordinates)

"""The most popular movies, as lists from which movies can be removed."""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from components.trainer.export.scores import ShortList


class PopularMovies(tf.Module):
    """The catalogue in order of popularity.

    After n movies are removed, the first k of what is left are among the first k + n: that many
    are looked at, not the catalogue, and the lists are exact.
    """

    def __init__(self, popularity: np.ndarray) -> None:
        """Takes the popularity of each movie, float32 [catalogue]; of equals the first leads."""
        super().__init__(name="popular_movies")
        order = np.argsort(-popularity, kind="stable").astype(np.int32)
        self._rows = tf.Variable(order, trainable=False)
        self._values = tf.Variable(popularity[order], trainable=False)

    def lists(self, k: int, removed: tf.RaggedTensor) -> ShortList:
        """Returns lists of at least k movies without `removed`, rows int32 [batch, None]."""
        width = k + tf.cast(tf.reduce_max(tf.pad(removed.row_lengths(), [[0, 1]])), tf.int32)
        batch = tf.cast(removed.nrows(), tf.int32)
        values, rows = (
            tf.repeat(part[tf.newaxis, :width], batch, axis=0)
            for part in (self._values, self._rows)
        )
        return ShortList(values, rows).without(removed)

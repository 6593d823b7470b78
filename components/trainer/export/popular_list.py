"""Lists of the most popular movies without some, from the head of one list.

Removing m movies from a list of the best k needs the first k + m movies of the catalogue's order:
there is no need to look at the rest of the catalogue.
"""

from __future__ import annotations

import numpy as np
import tensorflow as tf

NO_ROW = -1


class PopularList(tf.Module):
    """The catalogue in the order of popularity.

    Attributes:
        order: Rows of the catalogue, the most popular first; int32 [catalogue].
        rank: Rank of each row from 0; int32 [catalogue].
    """

    def __init__(self, popularity: np.ndarray) -> None:
        """Initializes the list by each movie's popularity, float32 [catalogue]."""
        super().__init__(name="popular_list")
        order = np.argsort(-popularity, kind="stable").astype(np.int32)
        rank = np.empty_like(order)
        rank[order] = np.arange(len(order), dtype=np.int32)
        self.order = tf.Variable(order, trainable=False)
        self.rank = tf.Variable(rank, trainable=False)

    def without(self, rows: tf.RaggedTensor, k: int) -> tf.Tensor:
        """Returns the k most popular rows of each user without some, NO_ROW where none is left.

        Args:
            rows: Rows to leave out, ragged int32 [batch, None]; NO_ROW stands for none.
            k: Length of the lists, at most the catalogue.

        Returns:
            int32 [batch, k].
        """
        size = tf.shape(self.order)[0]
        longest = tf.cast(tf.reduce_max(tf.concat([rows.row_lengths(), [0]], axis=0)), tf.int32)
        width = tf.minimum(k + longest, size)
        ranks = tf.gather(self.rank, tf.maximum(rows.flat_values, 0))
        inside = tf.where((rows.flat_values > NO_ROW) & (ranks < width))[:, 0]
        users = tf.gather(tf.cast(rows.value_rowids(), tf.int32), inside)
        removed = tf.stack([users, tf.gather(ranks, inside)], axis=1)
        # The value of a rank is higher the lower it is; what is removed has 0.
        values = tf.tile(tf.range(width, 0, -1)[tf.newaxis], [tf.cast(rows.nrows(), tf.int32), 1])
        values = tf.tensor_scatter_nd_update(values, removed, tf.zeros_like(inside, tf.int32))
        best, columns = tf.math.top_k(values, k)
        return tf.where(best > 0, tf.gather(self.order, columns), NO_ROW)

"""Inverted lists of standard TensorFlow operations: the members of the partitions that are probed.

A query is compared with the centroids; the members of the best partitions are scored exactly.
Every query gets as many partitions as hold the candidates that it needs, so that lists are full
whatever is removed from them.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import tensorflow as tf

from components.trainer.export.partitions import Partitions
from components.trainer.export.scores import LOWEST

Score = Callable[[tf.Tensor, tf.Tensor], tf.Tensor]

# Queries that are worked on at once: they bound the memory of a large batch.
_PARALLEL = 4


class InvertedLists(tf.Module):
    """The members of each partition, in one array.

    Attributes:
        probes: Partitions that a query looks into, at least.
        size: Number of members.
    """

    def __init__(self, partitions: Partitions, members: np.ndarray, probes: int) -> None:
        """Takes the partitions, what stands for each of `partitions.order`, and the probes."""
        super().__init__(name="inverted_lists")
        self.probes, self.size = min(probes, partitions.count), len(members)
        self._count = partitions.count
        self._members = tf.Variable(members, trainable=False)
        self._starts = tf.Variable(partitions.starts, trainable=False)
        self._centroids = tf.Variable(partitions.centroids, trainable=False)

    def best(
        self, queries: tf.Tensor, score: Score, needed: tf.Tensor
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """Returns the best members of the best partitions.

        Args:
            queries: float32 [batch, dim].
            score: Scores members int32 [n] for one query float32 [dim]: float32 [n].
            needed: Members that each query needs, int32 [batch].

        Returns:
            Scores float32 [batch, m] and members int32 [batch, m], the best first, m as many as
            the neediest query needs; beyond what was found LOWEST and -1.
        """
        batch = tf.shape(queries)[0]
        # One query more: an empty batch would leave the shapes of the result unknown.
        queries = tf.pad(queries, [[0, tf.cast(batch == 0, tf.int32)], [0, 0]])
        needed = tf.pad(needed, [[0, tf.cast(batch == 0, tf.int32)]])
        width = tf.reduce_max(needed)
        partitions, counts = self._to_probe(queries, needed)

        def best(one: tuple[tf.Tensor, ...]) -> tuple[tf.Tensor, tf.Tensor]:
            query, order, count = one
            members = self._members_of(order[:count])
            scores, columns = tf.math.top_k(
                score(query, members), tf.minimum(width, tf.size(members))
            )
            missing = [[0, width - tf.size(scores)]]
            return (
                tf.pad(scores, missing, constant_values=LOWEST),
                tf.pad(tf.gather(members, columns), missing, constant_values=-1),
            )

        scores, members = tf.map_fn(
            best,
            (queries, partitions, counts),
            fn_output_signature=(
                tf.TensorSpec([None], tf.float32),
                tf.TensorSpec([None], tf.int32),
            ),
            parallel_iterations=_PARALLEL,
        )
        return scores[:batch], members[:batch]

    def _to_probe(self, queries: tf.Tensor, needed: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Returns the partitions of each query, best first, int32 [batch, n], and how many."""
        products = tf.matmul(queries, self._centroids, transpose_b=True)
        needed = tf.minimum(needed, self.size)[:, tf.newaxis]
        sizes = self._starts[1:] - self._starts[:-1]
        best = tf.math.top_k(products, self.probes).indices
        held = tf.reduce_sum(tf.gather(sizes, best), axis=1, keepdims=True)

        def as_set() -> tuple[tf.Tensor, tf.Tensor]:
            return best, tf.fill(tf.shape(needed)[:1], self.probes)

        def as_needed() -> tuple[tf.Tensor, tf.Tensor]:
            order = tf.math.top_k(products, self._count).indices
            held = tf.cumsum(tf.gather(sizes, order), axis=1)
            too_few = tf.reduce_sum(tf.cast(held < needed, tf.int32), axis=1)
            return order, tf.maximum(too_few + 1, self.probes)

        return tf.cond(tf.reduce_all(held >= needed), as_set, as_needed)

    def _members_of(self, partitions: tf.Tensor) -> tf.Tensor:
        """Returns all members of partitions int32 [n]: int32 [m]."""
        starts = tf.gather(self._starts, partitions)
        ends = tf.gather(self._starts, partitions + 1)
        return tf.gather(self._members, tf.ragged.range(starts, ends).flat_values)

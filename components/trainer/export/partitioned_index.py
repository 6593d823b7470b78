"""The partitioned index: an approximate one of standard TensorFlow operations.

What it returns has its true score, but a candidate of a partition that is not probed is missed
(inverted_lists.py). The partitions are those of partitions.py: one division by dot product, and
one by cosine for similar movies. The vectors are stored once, sorted by the first division.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import tensorflow as tf

from components.trainer.config import Precision
from components.trainer.export.candidate_index import CandidateIndex, Candidates, cosines, widened
from components.trainer.export.candidate_table import CandidateTable
from components.trainer.export.inverted_lists import InvertedLists
from components.trainer.export.partitions import Partitions
from components.trainer.export.scores import NO_ROW, ShortList

# Queries that are compared with the whole catalogue at once: 64 MB of scores for a million movies.
_EXACT_BLOCK = 16


@dataclass(frozen=True)
class Division:
    """Partitions, and how many of them a query looks into."""

    partitions: Partitions
    probes: int


class PartitionedIndex(CandidateIndex):
    """Scores the candidates of the most promising partitions.

    A *place* is a position in the order of the partitions by product.
    """

    is_exact = False

    def __init__(
        self,
        candidates: Candidates,
        by_product: Division,
        by_cosine: Division | None,
        precision: Precision,
    ) -> None:
        """Initializes the index.

        Args:
            candidates: The catalogue.
            by_product: Division of the catalogue for `search`.
            by_cosine: Division of the catalogue for `similar`; None: it compares with all.
            precision: How the vectors are stored.
        """
        super().__init__(name="partitioned_index")
        self._similarity_dim, self._dim = candidates.similarity_dim, candidates.vectors.shape[1]
        rows = by_product.partitions.order
        places = np.empty_like(rows)
        places[rows] = np.arange(len(rows), dtype=np.int32)
        inverse = candidates.inverse_norms()
        self._table = CandidateTable(candidates.vectors[rows], precision)
        self._row_of_place = tf.Variable(rows, trainable=False)
        self._place_of_row = tf.Variable(places, trainable=False)
        self._inverse_norms = tf.Variable(inverse[rows], trainable=False)
        self._by_product = InvertedLists(
            by_product.partitions, np.arange(len(rows), dtype=np.int32), by_product.probes
        )
        self._by_cosine = None
        if by_cosine is not None:
            members = places[by_cosine.partitions.order]
            self._by_cosine = InvertedLists(by_cosine.partitions, members, by_cosine.probes)
        # Traced once, called by several signatures: tracing takes most of an export's time.
        self._search = tf.function(self._search_lists, autograph=False)

    def gather(self, rows: tf.Tensor) -> tf.Tensor:
        """Returns the vectors of rows int32 [n] of the catalogue: float32 [n, dim]."""
        return self._table.gather(tf.gather(self._place_of_row, rows))

    def search(self, queries: tf.Tensor, needed: tf.Tensor) -> ShortList:
        """Scores candidates by the dot product with queries float32 [batch, dim].

        Returns:
            The best candidates of the probed partitions, as many as the neediest query needs:
            penalties that are not negative lift nothing else above them.
        """
        return self._short_list(*self._search(queries, needed))

    def similar(self, rows: tf.Tensor, needed: tf.Tensor) -> ShortList:
        """Scores candidates by the cosine with rows int32 [batch]."""
        vectors = self.gather(rows)[:, : self._similarity_dim]
        inverse = tf.gather(self._inverse_norms, tf.gather(self._place_of_row, rows))
        directions = vectors * inverse[:, tf.newaxis]
        if self._by_cosine is None:
            return self._best_of_all(
                widened(directions, self._dim),
                needed,
                lambda block: cosines(self._table.scores(block), self._inverse_norms),
            )

        def score(direction: tf.Tensor, places: tf.Tensor) -> tf.Tensor:
            candidates = self._table.gather(places)[:, : self._similarity_dim]
            products = tf.linalg.matvec(candidates, direction)
            return cosines(products, tf.gather(self._inverse_norms, places))

        return self._short_list(*self._by_cosine.best(directions, score, needed))

    def search_exactly(self, queries: tf.Tensor, needed: tf.Tensor) -> ShortList:
        """Scores the whole catalogue, to compare with; arguments and result as of `search`."""
        return self._best_of_all(queries, needed, self._table.scores)

    def _best_of_all(
        self, queries: tf.Tensor, needed: tf.Tensor, score: Callable[[tf.Tensor], tf.Tensor]
    ) -> ShortList:
        """Returns the best places by `score`: queries float32 [n, dim] → [n, catalogue]."""
        batch, width = tf.shape(queries)[0], tf.reduce_max(tf.pad(needed, [[0, 1]]))
        width = tf.minimum(width, self._table.size)
        blocks = tf.maximum(1, -(-batch // _EXACT_BLOCK))
        padded = tf.pad(queries, [[0, blocks * _EXACT_BLOCK - batch], [0, 0]])
        padded = tf.reshape(padded, [blocks, _EXACT_BLOCK, queries.shape[1]])

        def best(block: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
            scores, places = tf.math.top_k(score(block), width)
            return scores, places

        specs = (tf.TensorSpec([None, None], tf.float32), tf.TensorSpec([None, None], tf.int32))
        found = tf.map_fn(best, padded, fn_output_signature=specs, parallel_iterations=1)
        shape = [blocks * _EXACT_BLOCK, width]
        scores, places = (tf.reshape(part, shape)[:batch] for part in found)
        return self._short_list(scores, places)

    def _search_lists(self, queries: tf.Tensor, needed: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        def score(query: tf.Tensor, places: tf.Tensor) -> tf.Tensor:
            return tf.linalg.matvec(self._table.gather(places), query)

        return self._by_product.best(queries, score, needed)

    def _short_list(self, scores: tf.Tensor, places: tf.Tensor) -> ShortList:
        rows = tf.gather(self._row_of_place, tf.maximum(places, 0))
        return ShortList(scores, tf.where(places < 0, NO_ROW, rows))

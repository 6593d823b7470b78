"""The exact index: one matrix product with all candidates."""

from __future__ import annotations

import tensorflow as tf

from components.trainer.config import Precision
from components.trainer.export.candidate_index import CandidateIndex, Candidates, cosines, widened
from components.trainer.export.candidate_table import CandidateTable
from components.trainer.export.scores import FullScores


class ExactIndex(CandidateIndex):
    """Scores the whole catalogue for every query."""

    is_exact = True

    def __init__(self, candidates: Candidates, precision: Precision) -> None:
        """Initializes the index; `precision` says how the vectors are stored."""
        super().__init__(name="exact_index")
        self._table = CandidateTable(candidates.vectors, precision)
        self._similarity_dim, self._dim = candidates.similarity_dim, candidates.vectors.shape[1]
        self._inverse_norms = tf.Variable(candidates.inverse_norms(), trainable=False)
        # Traced once, called by several signatures: tracing takes most of an export's time.
        self._scores = tf.function(self._table.scores, autograph=False)

    def gather(self, rows: tf.Tensor) -> tf.Tensor:
        """Returns the vectors of rows int32 [n] of the catalogue: float32 [n, dim]."""
        return self._table.gather(rows)

    def search(self, queries: tf.Tensor, needed: tf.Tensor) -> FullScores:
        """Scores the catalogue by the dot product with queries float32 [batch, dim]."""
        return FullScores(self._scores(queries))

    search_exactly = search

    def similar(self, rows: tf.Tensor, needed: tf.Tensor) -> FullScores:
        """Scores the catalogue by the cosine with rows int32 [batch]."""
        vectors = self.gather(rows)[:, : self._similarity_dim]
        directions = vectors * tf.gather(self._inverse_norms, rows)[:, tf.newaxis]
        products = self._scores(widened(directions, self._dim))
        return FullScores(cosines(products, self._inverse_norms))

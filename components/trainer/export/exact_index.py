"""The exact index: one matrix product with all candidates."""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from components.trainer.config import Precision
from components.trainer.export.candidate_index import (
    CandidateIndex,
    cosines,
    inverse_norms,
    widened,
)
from components.trainer.export.candidate_table import CandidateTable
from components.trainer.export.scores import FullScores


class ExactIndex(CandidateIndex):
    """Scores the whole catalogue for every query."""

    is_exact = True

    def __init__(
        self,
        vectors: np.ndarray,
        similarity_dim: int,
        rated: np.ndarray,
        precision: Precision = "float32",
    ) -> None:
        """Initializes the index.

        Args:
            vectors: Of the catalogue, float32 [movies, dim].
            similarity_dim: First dimensions that `similar` is about.
            rated: Which movies somebody rated, bool [movies].
            precision: How the vectors are stored.
        """
        super().__init__(name="exact_index")
        self._table = CandidateTable(vectors, precision)
        self._similarity_dim, self._dim = similarity_dim, vectors.shape[1]
        inverse = inverse_norms(vectors[:, :similarity_dim], rated)
        self._inverse_norms = tf.Variable(inverse, trainable=False)
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

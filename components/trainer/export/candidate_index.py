"""What an index of candidates does; one subclass for each kind."""

from __future__ import annotations

from abc import ABC, abstractmethod

import numpy as np
import tensorflow as tf

from components.trainer.export.scores import Scores

# A vector that is shorter than this has no direction.
_LEAST_NORM = 1e-6


class CandidateIndex(tf.Module, ABC):
    """Finds candidates by the dot product with a query, and by their cosine with one another.

    Attributes:
        is_exact: Whether no better candidate is ever missing.
    """

    is_exact: bool

    @abstractmethod
    def gather(self, rows: tf.Tensor) -> tf.Tensor:
        """Returns the vectors of rows int32 [n] of the catalogue: float32 [n, dim]."""

    @abstractmethod
    def search(self, queries: tf.Tensor, needed: tf.Tensor) -> Scores:
        """Scores candidates by the dot product with queries float32 [batch, dim].

        Args:
            queries: The queries.
            needed: How many candidates each query needs at least, int32 [batch]: k, and as many
                as the caller is going to remove or to lower.
        """

    @abstractmethod
    def search_exactly(self, queries: tf.Tensor, needed: tf.Tensor) -> Scores:
        """Scores as `search` does, but misses no candidate, whatever that costs."""

    @abstractmethod
    def similar(self, rows: tf.Tensor, needed: tf.Tensor) -> Scores:
        """Scores candidates by their cosine with those of rows int32 [batch].

        The cosine is that of the first dimensions, without popularity and linear part. Candidates
        that nobody rated have -1: they share one untrained embedding, and it means nothing.

        Args:
            rows: Of the catalogue.
            needed: How many candidates each needs at least, int32 [batch].
        """


def inverse_norms(vectors: np.ndarray, rated: np.ndarray) -> np.ndarray:
    """Returns 1 / norm of each vector float32 [n, dim], and 0 of those not rated, bool [n]."""
    norms = np.maximum(np.linalg.norm(vectors, axis=1), _LEAST_NORM)
    return np.where(rated, 1.0 / norms, 0.0).astype(np.float32)


def widened(directions: tf.Tensor, dim: int) -> tf.Tensor:
    """Returns directions float32 [n, m] with zeros behind, [n, dim].

    Their products with whole vectors are those of the first m dimensions. A slice of the table of
    vectors would be a copy of it.
    """
    return tf.pad(directions, [[0, 0], [0, dim - directions.shape[1]]])


def cosines(products: tf.Tensor, inverse: tf.Tensor) -> tf.Tensor:
    """Returns the cosines of candidates with directions, -1 for unrated candidates.

    Args:
        products: Dot products with vectors of length 1, float32 [..., n].
        inverse: Of the candidates, as `inverse_norms` gives it, float32 [n].
    """
    return tf.where(inverse > 0, products * inverse, -1.0)

"""What an index of candidates does; one subclass for each kind."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np
import tensorflow as tf

from components.trainer.export.scores import Scores

# A vector that is shorter than this has no direction.
_LEAST_NORM = 1e-6


@dataclass(frozen=True)
class Candidates:
    """What an index is made of.

    Attributes:
        vectors: Of the catalogue, float32 [movies, dim].
        similarity_dim: First dimensions in which movies are compared with one another.
        rated: Which movies somebody rated, bool [movies].
    """

    vectors: np.ndarray
    similarity_dim: int
    rated: np.ndarray

    def inverse_norms(self) -> np.ndarray:
        """Returns 1 / norm of each vector's first dimensions, 0 of those not rated; float32."""
        norms = np.linalg.norm(self.vectors[:, : self.similarity_dim], axis=1)
        return np.where(self.rated, 1.0 / np.maximum(norms, _LEAST_NORM), 0.0).astype(np.float32)


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
        inverse: Of the candidates, as `Candidates.inverse_norms` gives it, float32 [n].
    """
    return tf.where(inverse > 0, products * inverse, -1.0)

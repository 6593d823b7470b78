"""The linear part of the towers: co-occurrence in closed form, beside the trained embeddings.

The low-rank linear autoencoder B = V · diag(s² / (s² + λ)) · Vᵀ minimises ‖X - XB‖² + λ‖B‖² over
matrices of that rank, with s and V from X, the matrix of users and movies (Jin et al. 2021,
"Towards a Better Understanding of Linear Models for Recommendation", arXiv:2105.12937). Split in
two halves it is a pair of towers: the history's rows of V · diag(…)^½, summed, times the
candidate's row. Its errors differ from those of the softmax, so the sum of the two scores is better
than either. Where interactions have weights, X and the histories that are asked hold their pooling
factors in place of ones.
"""

from __future__ import annotations

from collections.abc import Callable

import tensorflow as tf

from components.trainer.config import TrainerConfig
from components.trainer.inputs.user_rows import UserRows
from components.trainer.model.ragged import coordinates, pooling_factors, sum_rows

_OVERSAMPLING = 16
_POWER_ITERATIONS = 2
_BLOCK_USERS = 8192


class LinearPart(tf.keras.layers.Layer):
    """Sums a fixed table's rows of the history's movies.

    Attributes:
        table: float32 [movies + 1, rank], not trained; the last row, OOV, is zero.
    """

    def __init__(self, table: tf.Tensor) -> None:
        """Initializes the layer with its table."""
        super().__init__(name="linear_part")
        self.table = self.add_weight(
            name="linear_table", shape=table.shape, initializer="zeros", trainable=False
        )
        self.table.assign(table)

    def call(self, history: tf.RaggedTensor, weights: tf.RaggedTensor | None = None) -> tf.Tensor:
        """Returns the query embeddings of histories: float32 [batch, rank].

        Args:
            history: ragged int [batch, None].
            weights: Of its movies, if they have any; ragged float32 [batch, None].
        """
        return sum_rows(self.table, history, pooling_factors(weights))


def linear_table(rows: UserRows, movies: int, config: TrainerConfig) -> tf.Tensor:
    """Returns the table of a LinearPart: weight^½ · V · diag(s² / (s² + λ))^½.

    Args:
        rows: The interactions.
        movies: Number of movies in the vocabulary.
        config: Settings: `linear_rank` columns, fewer where there are fewer users or movies;
            λ is `linear_ridge` mean numbers of interactions of a movie; `linear_weight`; `seed`
            of the random projection.

    Returns:
        float32 [movies + 1, rank].
    """
    rank = min(config.linear_rank, movies, rows.users)
    squares, vectors = leading_directions(
        lambda basis: _gram_times(rows, basis), movies, rank, config.seed
    )
    shrinkage = squares / (squares + config.linear_ridge * rows.interactions / movies)
    table = vectors * tf.sqrt(config.linear_weight * tf.maximum(shrinkage, 0.0))
    return tf.pad(table, [[0, 1], [0, 0]])


def leading_directions(
    gram_times: Callable[[tf.Tensor], tf.Tensor],
    size: int,
    rank: int,
    seed: int,
    *,
    oversampling: int = _OVERSAMPLING,
    iterations: int = _POWER_ITERATIONS,
) -> tuple[tf.Tensor, tf.Tensor]:
    """Returns the largest squared singular values s² [rank] of a matrix X and their V [size, rank].

    By power iterations on a random subspace (Halko et al. 2011, arXiv:0909.4061).

    Args:
        gram_times: Returns XᵀX times float32 [size, width].
        size: Columns of X.
        rank: Number of directions.
        seed: Of the subspace.
        oversampling: Directions of the subspace beyond the rank.
        iterations: Power iterations.
    """
    basis = tf.random.stateless_normal([size, min(rank + oversampling, size)], [seed, 0])
    for _ in range(iterations):
        basis, _ = tf.linalg.qr(gram_times(basis))
    projected = tf.matmul(basis, gram_times(basis), transpose_a=True)
    squares, rotation = tf.linalg.eigh((projected + tf.transpose(projected)) / 2.0)
    return squares[::-1][:rank], tf.matmul(basis, rotation[:, ::-1][:, :rank])


def _gram_times(rows: UserRows, basis: tf.Tensor) -> tf.Tensor:
    """Returns Xᵀ · X · basis, float32 [movies, width], by blocks of users.

    X itself is never in memory, nor is its product with the basis: only a block of users is.
    """
    product = tf.zeros_like(basis)
    for start in range(0, rows.users, _BLOCK_USERS):
        block = slice(start, start + _BLOCK_USERS)
        weights = None if rows.weights is None else rows.weights[block]
        matrix = _matrix(rows.movies[block], weights, int(basis.shape[0]))
        users = tf.sparse.sparse_dense_matmul(matrix, basis)
        product += tf.sparse.sparse_dense_matmul(matrix, users, adjoint_a=True)
    return product


def _matrix(
    history: tf.RaggedTensor, weights: tf.RaggedTensor | None, movies: int
) -> tf.SparseTensor:
    """Returns rows of X, sparse float32 [users, movies]."""
    pairs = coordinates(history)
    factors = pooling_factors(weights)
    values = tf.ones([tf.shape(pairs)[0]]) if factors is None else factors.flat_values
    known = pairs[:, 1] < movies
    pairs, values = tf.boolean_mask(pairs, known), tf.boolean_mask(values, known)
    return tf.SparseTensor(pairs, values, [history.nrows(), movies])

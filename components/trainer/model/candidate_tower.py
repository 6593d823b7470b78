"""The candidate tower: a movie's embedding."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import tensorflow as tf

from components.trainer.config import TrainerConfig
from components.trainer.inputs.catalogue import Catalogue
from components.trainer.inputs.feature_values import FeatureValues
from components.trainer.model.dense import hidden_stack
from components.trainer.model.feature_embeddings import FeatureEmbeddings


class CandidateTower(tf.keras.layers.Layer):
    """Embeds movies; with a bias, popularity is one more dimension of the embedding.

    The query tower's last dimension is then always 1, so that score = query · candidate holds.

    Attributes:
        movies: Number of rows of the table.
        embeddings: The table, float32 [movies + 1, dim]; the last row serves unknown movies.
        bias: float32 [movies + 1], or None.
        features: Embeddings that are added to a movie's row of the table, or None.
    """

    def __init__(
        self,
        config: TrainerConfig,
        movie_counts: np.ndarray,
        features: Sequence[FeatureValues] = (),
    ) -> None:
        """Initializes the tower; a bias starts at log((count + 1) / total).

        Args:
            config: Settings.
            movie_counts: Interactions of each movie, OOV last; int64 [movies + 1].
            features: Features of the movies, OOV last.
        """
        super().__init__(name="candidate_tower")
        self.movies = len(movie_counts)
        self.embeddings = self.add_weight(
            name="movie_embeddings",
            shape=[self.movies, config.embedding_dim],
            initializer=tf.keras.initializers.TruncatedNormal(
                stddev=config.initial_stddev, seed=config.seed
            ),
        )
        self.bias = None
        if config.has_item_bias:
            share = np.log((movie_counts + 1) / max(1, movie_counts.sum()))
            self.bias = self.add_weight(
                name="movie_bias",
                shape=[self.movies],
                initializer=tf.keras.initializers.Constant(share.astype(np.float32)),
            )
        self.features = FeatureEmbeddings(features, config.embedding_dim) if features else None
        self._hidden = hidden_stack(config, config.seed)

    def start_from(self, table: np.ndarray) -> None:
        """Sets the first columns of the table, float32 [movies + 1, n], and the others to zero."""
        dim = self.embeddings.shape[1]
        columns = table[:, :dim]
        self.embeddings.assign(np.pad(columns, [(0, 0), (0, dim - columns.shape[1])]))

    def call(self, movie_index: tf.Tensor) -> tf.Tensor:
        """Embeds `movie_index` int [n] to float32 [n, dim] (dim + 1 with a bias)."""
        return self.embed_rows(self.rows(movie_index), movie_index)

    def rows(self, movie_index: tf.Tensor) -> tf.Tensor:
        """Returns rows of the table: float32 [n, dim] of `movie_index` int [n]."""
        embeddings = tf.gather(self.embeddings, movie_index)
        if self.features is not None:
            embeddings += self.features(movie_index)
        return embeddings

    def embed_rows(self, rows: tf.Tensor, movie_index: tf.Tensor) -> tf.Tensor:
        """Embeds movies by their rows of the table, float32 [n, dim]; else as `call`."""
        return self._output(rows, self._bias_of(movie_index))

    def all_movies(self) -> tf.Tensor:
        """Embeds the vocabulary, OOV last: float32 [movies + 1, dim] (dim + 1 with a bias)."""
        return self._output(self.table(), self.bias)

    def of_catalogue(self, movie_index: tf.Tensor, catalogue: Catalogue) -> tf.Tensor:
        """Embeds a catalogue; its movies that are OOV differ by their features.

        Args:
            movie_index: Vocabulary index of each movie, int [movies].
            catalogue: The movies.

        Returns:
            float32 [movies, dim] (dim + 1 with a bias).
        """
        embeddings = tf.gather(self.embeddings, movie_index)
        if self.features is not None:
            names = self.features.vocabularies
            embeddings += self.features.embed([catalogue.feature(name) for name in names])
        return self._output(embeddings, self._bias_of(movie_index))

    def table(self) -> tf.Tensor:
        """Returns the inputs of the dense layers, features included: float32 [movies + 1, dim]."""
        # No gather: its gradient would be a sparse one, many times slower.
        embeddings = tf.convert_to_tensor(self.embeddings)
        return embeddings if self.features is None else embeddings + self.features.all_rows()

    def _bias_of(self, movie_index: tf.Tensor) -> tf.Tensor | None:
        return None if self.bias is None else tf.gather(self.bias, movie_index)

    def _output(self, embeddings: tf.Tensor, bias: tf.Tensor | None) -> tf.Tensor:
        for layer in self._hidden:
            embeddings = layer(embeddings)
        if bias is None:
            return embeddings
        return tf.concat([embeddings, bias[:, tf.newaxis]], axis=1)

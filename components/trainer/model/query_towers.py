"""The query towers: a user's embedding, from the id or from what the user watched."""

from __future__ import annotations

from typing import Any

import tensorflow as tf

from components.trainer.model.candidate_tower import CandidateTower
from components.trainer.model.dense import hidden_stack
from components.trainer.model.feature_embeddings import FeatureEmbeddings
from components.trainer.model.ragged import sum_rows

Inputs = dict[str, Any]  # tensors, and dicts of them by feature


class UserFeatures(FeatureEmbeddings):
    """Features of users: of the vocabulary by index, of others as they are given."""

    def of_batch(self, inputs: Inputs, batch: tf.Tensor, training: bool) -> tf.Tensor:
        """Embeds the users of a batch to float32 [batch, dim].

        Args:
            inputs: `user_index` int [batch]; where it is not there, `user_features`, indices
                int [batch] by feature, of which those that are not there are unknown.
            batch: Number of users, an int scalar.
            training: Whether some are hidden.
        """
        if "user_index" in inputs:
            return self(inputs["user_index"], training=training)
        return self.embed_indices(inputs.get("user_features", {}), batch)


class UserIdTower(tf.keras.layers.Layer):
    """Embeds the user id (the notebook's tower, on Transform's indices)."""

    def __init__(
        self,
        users: int,
        dim: int,
        *,
        stddev: float,
        unit_dimension: bool,
        hidden_layers: tuple[int, ...] = (),
        features: UserFeatures | None = None,
        seed: int = 0,
        name: str = "query_tower",
    ) -> None:
        """Initializes the tower.

        Args:
            users: Number of users in the vocabulary.
            dim: Width of the embedding.
            stddev: Standard deviation of the initial table (truncated normal).
            unit_dimension: Whether a dimension of value 1 follows, for the candidates' bias.
            hidden_layers: Widths of dense layers between table and output.
            features: What is added to the user's row of the table.
            seed: Seed of the initial values.
            name: Name of the layer.
        """
        super().__init__(name=name)
        self.embeddings = self.add_weight(
            name="user_embeddings",
            shape=[users + 1, dim],
            initializer=tf.keras.initializers.TruncatedNormal(stddev=stddev, seed=seed + 1),
        )
        self.features = features
        self._unit_dimension = unit_dimension
        self._hidden = hidden_stack(hidden_layers, dim, seed=seed + 1)

    def call(self, inputs: Inputs, training: bool = False) -> tf.Tensor:
        """Embeds `user_index` int [batch] to float32 [batch, dim] (dim + 1 with unit dimension)."""
        output = tf.gather(self.embeddings, inputs["user_index"])
        if self.features is not None:
            output += self.features.of_batch(inputs, tf.shape(output)[0], training)
        for layer in self._hidden:
            output = layer(output)
        return _with_unit(output) if self._unit_dimension else output


class HistoryTower(tf.keras.layers.Layer):
    """Pools the embeddings of the user's history: n^-e · Σ V[history] · M + b.

    V is the candidate tower's table, M a square matrix that starts as the identity, n the length of
    the history. It embeds users that training never saw.
    """

    def __init__(
        self,
        movies: CandidateTower,
        *,
        exponent: float,
        dropout: float,
        unit_dimension: bool,
        hidden_layers: tuple[int, ...] = (),
        features: UserFeatures | None = None,
        seed: int = 0,
        name: str = "query_tower",
    ) -> None:
        """Initializes the tower.

        Args:
            movies: The candidate tower, whose table it shares.
            exponent: The pooled sum is divided by n to this power.
            dropout: Dropout on the pooled history.
            unit_dimension: Whether a dimension of value 1 follows, for the candidates' bias.
            hidden_layers: Widths of dense layers in front of the projection.
            features: What is added to the pooled history.
            seed: Seed of initial values and dropout.
            name: Name of the layer.
        """
        super().__init__(name=name)
        dim = int(movies.embeddings.shape[1])
        self._movies = movies
        self.features = features
        self._exponent = exponent
        self._unit_dimension = unit_dimension
        self._dropout = tf.keras.layers.Dropout(dropout, seed=seed)
        self._hidden = hidden_stack(hidden_layers, dim, seed=seed + 1)
        self.projection = self.add_weight(
            name="projection", shape=[dim, dim], initializer=tf.keras.initializers.Identity()
        )
        self.offset = self.add_weight(name="offset_bias", shape=[dim], initializer="zeros")

    def call(self, inputs: Inputs, training: bool = False) -> tf.Tensor:
        """Embeds histories.

        Args:
            inputs: `history`, ragged int [batch, None]; with features as UserFeatures has it.
            training: Whether dropout applies.

        Returns:
            float32 [batch, dim] (dim + 1 with unit dimension).
        """
        history = inputs["history"]
        length = tf.cast(tf.maximum(history.row_lengths(), 1), tf.float32)
        total = sum_rows(self._movies.table(), history)
        pooled = total * tf.pow(length, -self._exponent)[:, tf.newaxis]
        output = self._dropout(pooled, training=training)
        if self.features is not None:
            output += self.features.of_batch(inputs, tf.shape(output)[0], training)
        for layer in self._hidden:
            output = layer(output)
        output = tf.matmul(output, self.projection) + self.offset
        return _with_unit(output) if self._unit_dimension else output


def _with_unit(output: tf.Tensor) -> tf.Tensor:
    return tf.concat([output, tf.ones([tf.shape(output)[0], 1])], axis=1)

"""Embeddings of categorical features, which the towers add to those of ids and histories."""

from __future__ import annotations

from collections.abc import Sequence

import tensorflow as tf

from components.trainer.inputs.feature_values import FeatureValues
from components.trainer.model.ragged import sum_rows


class FeatureEmbeddings(tf.keras.layers.Layer):
    """Embeds rows by the sum over features of the mean over the row's values.

    Tables start at zero: a tower with features begins as one without. In training a share of the
    rows is shown without a feature, so that the embedding of an unknown value is trained too.

    Attributes:
        tables: float32 [values + 1, dim] by name of the feature; the last row is for unknown.
        vocabularies: bytes objects [values] by name of the feature.
    """

    def __init__(
        self,
        features: Sequence[FeatureValues],
        dim: int,
        *,
        dropout: float = 0.0,
        seed: int = 0,
    ) -> None:
        """Initializes the layer.

        Args:
            features: The features of all rows, at least one.
            dim: Width of the embeddings.
            dropout: Share of the rows whose feature is hidden in training.
            seed: Seed of the draw.
        """
        super().__init__(name="feature_embeddings")
        self.vocabularies = {feature.name: feature.vocabulary for feature in features}
        self.tables = {
            feature.name: self.add_weight(
                name=f"{feature.name}_embeddings",
                shape=[feature.unknown + 1, dim],
                initializer="zeros",
            )
            for feature in features
        }
        # Variables, for constants would be part of the graph that is exported.
        self._values = {
            feature.name: tf.Variable(feature.rows.flat_values, trainable=False)
            for feature in features
        }
        self._splits = {
            feature.name: tf.Variable(feature.rows.row_splits, trainable=False)
            for feature in features
        }
        self._dropout, self._seed = dropout, seed

    def call(self, row_index: tf.Tensor, training: bool = False) -> tf.Tensor:
        """Embeds rows by their index, int [n], to float32 [n, dim]."""
        rows = {name: tf.gather(values, row_index) for name, values in self._rows().items()}
        return self._embed(rows, training)

    def all_rows(self) -> tf.Tensor:
        """Embeds all rows in their order: float32 [rows, dim]."""
        return self._embed(self._rows(), False)

    def embed(self, features: Sequence[FeatureValues]) -> tf.Tensor:
        """Embeds other rows, which have the same vocabularies: float32 [rows, dim]."""
        return self._embed({feature.name: feature.rows for feature in features}, False)

    def embed_indices(self, indices: dict[str, tf.Tensor], batch: tf.Tensor) -> tf.Tensor:
        """Embeds one value for each row, int [batch] by feature; a missing feature is unknown.

        Returns:
            float32 [batch, dim].
        """
        total = tf.zeros([batch, self.dim])
        for name, table in self.tables.items():
            unknown = tf.fill([batch], table.shape[0] - 1)
            total += tf.gather(table, indices.get(name, unknown))
        return total

    @property
    def dim(self) -> int:
        """Width of the embeddings."""
        return int(next(iter(self.tables.values())).shape[1])

    def _rows(self) -> dict[str, tf.RaggedTensor]:
        return {
            name: tf.RaggedTensor.from_row_splits(values, self._splits[name], validate=False)
            for name, values in self._values.items()
        }

    def _embed(self, rows: dict[str, tf.RaggedTensor], training: bool) -> tf.Tensor:
        means = []
        for number, (name, table) in enumerate(self.tables.items()):
            values = rows[name]
            if training and self._dropout:
                values = self._hide(values, table.shape[0] - 1, number)
            lengths = tf.cast(values.row_lengths(), tf.float32)
            means.append(sum_rows(table, values) / lengths[:, tf.newaxis])
        return tf.add_n(means)

    def _hide(self, values: tf.RaggedTensor, unknown: int, number: int) -> tf.RaggedTensor:
        """Replaces the values of some rows by the index of the unknown value."""
        draws = tf.random.uniform([values.nrows()], seed=self._seed + number)
        hidden = tf.gather(draws < self._dropout, values.value_rowids())
        return values.with_flat_values(tf.where(hidden, unknown, values.flat_values))

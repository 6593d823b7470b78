"""What all query towers have: user features, dense layers, the dimension of the bias.

A tower says everything that depends on `trainer.query`; query_towers.py lists the towers.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import tensorflow as tf

from components.trainer.config import TrainerConfig
from components.trainer.inputs.batching import Batching
from components.trainer.inputs.feature_values import FeatureValues
from components.trainer.model.candidate_tower import CandidateTower
from components.trainer.model.dense import hidden_stack
from components.trainer.model.feature_embeddings import FeatureEmbeddings

Inputs = dict[str, Any]  # tensors, and dicts of them by feature


class QueryTower(tf.keras.layers.Layer):
    """Embeds users.

    Attributes:
        batching: The kind of batches that the tower is trained on.
        pools_history: Whether the embedding is of the history: then the histories of unknown users
            are embedded too, and the seen penalty and the linear part apply.
        features: Embeddings of user features, which are added to the user's embedding, or None.
    """

    batching: ClassVar[Batching]
    pools_history: ClassVar[bool]

    def __init__(
        self,
        config: TrainerConfig,
        users: int,
        candidate_tower: CandidateTower,
        features: Sequence[FeatureValues] = (),
    ) -> None:
        """Initializes the tower.

        Args:
            config: Settings.
            users: Number of users in the vocabulary.
            candidate_tower: The candidate tower, whose table a tower may share.
            features: Features of the users, OOV last.
        """
        super().__init__(name="query_tower")
        self._make_weights(config, users, candidate_tower)
        self.features = None
        if features:
            self.features = FeatureEmbeddings(
                features, config.embedding_dim, dropout=config.feature_dropout, seed=config.seed
            )
        self._unit_dimension = config.has_item_bias
        self._hidden = hidden_stack(config, config.seed + 1)

    def _make_weights(self, config: TrainerConfig, users: int, candidates: CandidateTower) -> None:
        """Makes the tower's own weights, which come before those of features and layers."""
        raise NotImplementedError

    def tables(self) -> dict[str, list[tf.Variable]]:
        """Returns trained variables with a row for each id, OOV last, by the name of the id."""
        return {}

    def queries(self, inputs: Inputs) -> Inputs:
        """Returns a training batch with a row for each query; see batching.py."""
        return inputs

    def _with_features(self, output: tf.Tensor, inputs: Inputs, training: bool) -> tf.Tensor:
        """Adds features and applies the dense layers.

        Args:
            output: Embeddings, float32 [batch, dim].
            inputs: `user_index` int [batch]; without it `user_features`, indices int [batch] by
                feature, where a feature that is missing is unknown.
            training: Whether features of some users are hidden.

        Returns:
            float32 [batch, dim].
        """
        if self.features is not None and "user_index" in inputs:
            output += self.features(inputs["user_index"], training=training)
        elif self.features is not None:
            indices = inputs.get("user_features", {})
            output += self.features.embed_indices(indices, tf.shape(output)[0])
        for layer in self._hidden:
            output = layer(output)
        return output

    def _with_unit(self, output: tf.Tensor) -> tf.Tensor:
        """Appends a 1, by which the candidates' bias is multiplied, where there is a bias."""
        if not self._unit_dimension:
            return output
        return tf.concat([output, tf.ones([tf.shape(output)[0], 1])], axis=1)

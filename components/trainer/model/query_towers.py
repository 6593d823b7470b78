"""The query towers: a user's embedding, from the id or from what the user watched.

The tower that knows the order has a folder of its own, `sequence`.
"""

from __future__ import annotations

import tensorflow as tf

from components.contracts.examples import USER_ID
from components.trainer.config import TrainerConfig
from components.trainer.inputs.batching import AllTargets, HeldOutTargets
from components.trainer.model.candidate_tower import CandidateTower
from components.trainer.model.query_tower import Inputs, QueryTower
from components.trainer.model.ragged import pooling_factors, sum_rows
from components.trainer.model.sequence.tower import SequenceTower


class UserIdTower(QueryTower):
    """Embeds the user id (the notebook's tower, on Transform's indices)."""

    batching = AllTargets()
    pools_history = False

    def _make_weights(self, config: TrainerConfig, users: int, candidates: CandidateTower) -> None:
        self.embeddings = self.add_weight(
            name="user_embeddings",
            shape=[users + 1, config.embedding_dim],
            initializer=tf.keras.initializers.TruncatedNormal(
                stddev=config.initial_stddev, seed=config.seed + 1
            ),
        )

    def tables(self) -> dict[str, list[tf.Variable]]:
        """Returns the table of the users."""
        return {USER_ID: [self.embeddings]}

    def call(self, inputs: Inputs, training: bool = False) -> tf.Tensor:
        """Embeds `user_index` int [batch] to float32 [batch, dim] (dim + 1 with a bias)."""
        output = tf.gather(self.embeddings, inputs["user_index"])
        return self._with_unit(self._with_features(output, inputs, training))


class HistoryTower(QueryTower):
    """Pools the embeddings of the user's history: n^-e · Σ V[history] · M + b.

    V is the candidate tower's table, M a square matrix that starts as the identity, n the length of
    the history, e `history_exponent`. Dense layers stand in front of M. It embeds users that
    training never saw. Where the history has weights, the sum has factors (see pooling_factors).
    """

    batching = HeldOutTargets()
    pools_history = True

    def _make_weights(self, config: TrainerConfig, users: int, candidates: CandidateTower) -> None:
        dim = config.embedding_dim
        self._movies = candidates
        self._exponent = config.history_exponent
        self._dropout = tf.keras.layers.Dropout(config.dropout, seed=config.seed)
        self.projection = self.add_weight(
            name="projection", shape=[dim, dim], initializer=tf.keras.initializers.Identity()
        )
        self.offset = self.add_weight(name="offset_bias", shape=[dim], initializer="zeros")

    def call(self, inputs: Inputs, training: bool = False) -> tf.Tensor:
        """Embeds `history`, ragged int [batch, None], to [batch, dim] (dim + 1 with a bias).

        `history_weights`, ragged float32 [batch, None], are optional; so is `table`, the rows of
        the candidate tower's table that `history` has the positions of, float32 [n, dim].
        """
        history = inputs["history"]
        table = inputs.get("table")  # the rows that a step uses, where these are not all
        length = tf.cast(tf.maximum(history.row_lengths(), 1), tf.float32)
        factors = pooling_factors(inputs.get("history_weights"))
        total = sum_rows(self._movies.table() if table is None else table, history, factors)
        pooled = total * tf.pow(length, -self._exponent)[:, tf.newaxis]
        output = self._dropout(pooled, training=training)
        output = self._with_features(output, inputs, training)
        return self._with_unit(tf.matmul(output, self.projection) + self.offset)


QUERY_TOWERS: dict[str, type[QueryTower]] = {
    "user_id": UserIdTower,
    "history": HistoryTower,
    "sequence": SequenceTower,
}

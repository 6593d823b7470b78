"""The query tower that knows the order of a history."""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from components.contracts.examples import MOVIE_ID
from components.trainer.config import TrainerConfig
from components.trainer.inputs.next_targets import NO_MOVIE, NextTargets
from components.trainer.model.candidate_tower import CandidateTower
from components.trainer.model.query_tower import Inputs, QueryTower
from components.trainer.model.sequence.averages import past_matrices
from components.trainer.model.sequence.block import Block
from components.trainer.model.sequence.transitions import Transitions


class SequenceTower(QueryTower):
    """Embeds what somebody watched, in order, by layers of averages and attention over the past.

    In training every position of a window is a query of its own, whose targets are what came next.
    In serving the last `window` movies are embedded, and the last position is the query. The table
    of its inputs is apart from that of the candidates.
    """

    batching = NextTargets()
    pools_history = True

    def _create_weights(
        self, config: TrainerConfig, users: int, candidate_tower: CandidateTower
    ) -> None:
        dim = config.embedding_dim
        self._window = config.window
        self._scale = dim**0.5 / 2
        self.embeddings = self.add_weight(
            name="history_embeddings",
            shape=[candidate_tower.movies, dim],
            initializer=tf.keras.initializers.TruncatedNormal(
                stddev=dim**-0.5, seed=config.seed + 1
            ),
        )
        self._dropout = tf.keras.layers.Dropout(config.dropout, seed=config.seed)
        self._blocks = [
            Block(dim, config.window, config.dropout, config.seed + 10 * number, f"block_{number}")
            for number in range(1, config.blocks + 1)
        ]
        self._norm = tf.keras.layers.LayerNormalization(epsilon=1e-5)

    def tables(self) -> dict[str, list[tf.Variable]]:
        """Returns the table of the movies of histories."""
        return {MOVIE_ID: [self.embeddings]}

    def start_from(self, transitions: Transitions) -> None:
        """Sets the rows of movies that the transitions have, by what is watched after them.

        The directions in which the rows of all rates differ most, in the deviation of the initial
        table. Movies without transitions, and columns beyond their rank, stay as they are.
        """
        dim = self.embeddings.shape[1]
        rows = np.concatenate(list(transitions.narrowed(dim).queries), axis=1)
        left, values, _ = np.linalg.svd(rows, full_matrices=False)
        table = (left * values)[:, :dim]
        known = rows.any(axis=1)
        if not known.any():
            return
        start = self.embeddings.numpy()
        table *= start.std() / table[known].std()
        start[known, : table.shape[1]] = table[known]
        self.embeddings.assign(start)

    def call(self, inputs: Inputs, training: bool = False) -> tf.Tensor:
        """Embeds queries to [queries, dim] (dim + 1 with a bias).

        Args:
            inputs: In training `window` int32 [users, n] and `positions` int32 [users, p] as
                NextTargets gives them, for users · p queries; else `history`, oldest movie first,
                ragged int [batch, None], for as many queries as rows.
            training: Whether dropout applies.
        """
        if "window" in inputs:
            hidden = self._encode(inputs["window"], training)
            output = tf.gather(hidden, inputs["positions"], batch_dims=1)
            output = tf.reshape(output, [-1, tf.shape(hidden)[2]])
        else:
            recent = inputs["history"][:, -self._window :]
            # One column more, so that an empty history has a position too.
            window = tf.pad(
                recent.to_tensor(default_value=NO_MOVIE), [[0, 0], [0, 1]], constant_values=NO_MOVIE
            )
            last = tf.maximum(recent.row_lengths() - 1, 0)
            output = tf.gather(self._encode(window, training), last, batch_dims=1)
        return self._with_unit(self._with_features(output, inputs, training))

    def _encode(self, window: tf.Tensor, training: bool) -> tf.Tensor:
        """Embeds each position of int32 [batch, n], from it and those before: [batch, n, dim]."""
        present = tf.cast(window != NO_MOVIE, tf.float32)[:, :, tf.newaxis]
        hidden = tf.gather(self.embeddings, tf.maximum(window, 0)) * (self._scale * present)
        hidden = self._dropout(hidden, training=training)
        matrices = past_matrices(tf.shape(window)[1])
        for block in self._blocks:
            hidden = block(hidden, present, matrices, training=training)
        return self._norm(hidden)

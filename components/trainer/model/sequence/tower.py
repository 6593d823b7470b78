"""The query tower that knows the order of a history."""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from components.contracts.examples import MOVIE_ID
from components.trainer.config import TrainerConfig
from components.trainer.inputs.next_targets import NextTargets, each_position, flat_positions
from components.trainer.model.candidate_tower import CandidateTower
from components.trainer.model.query_tower import Inputs, QueryTower
from components.trainer.model.sequence.averages import past_matrices
from components.trainer.model.sequence.block import Block
from components.trainer.model.sequence.padding import Padding
from components.trainer.model.sequence.transitions import Transitions


class SequenceTower(QueryTower):
    """Embeds what somebody watched, in order, by layers of averages and attention over the past.

    In training every position of a window is a query of its own, whose targets are what came next.
    In serving the last `window` movies are embedded, and the last position is the query. The table
    of its inputs is apart from that of the candidates.
    """

    batching = NextTargets()
    pools_history = True

    def _make_weights(self, config: TrainerConfig, users: int, candidates: CandidateTower) -> None:
        dim = config.embedding_dim
        self._window = config.window
        self._scale = dim**0.5 / 2
        self.embeddings = self.add_weight(
            name="history_embeddings",
            shape=[candidates.movies, dim],
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

    def queries(self, inputs: Inputs) -> Inputs:
        """Returns the batch with a row for each position."""
        return each_position(inputs)

    def call(self, inputs: Inputs, training: bool = False) -> tf.Tensor:
        """Embeds queries to [queries, dim] (dim + 1 with a bias).

        Args:
            inputs: In training `window` and `positions`, ragged int32 [users, None] as NextTargets
                gives them, for as many queries as positions; else `history`, oldest movie first,
                ragged int [batch, None], for as many queries as rows.
            training: Whether dropout applies.
        """
        window = inputs.get("window")
        if window is None:
            window = inputs["history"][:, -self._window :]
        if "positions" in inputs:
            output = self._encode(window, training, flat_positions(window, inputs["positions"]))
        else:
            output = _last(self._encode(window, training), window)
        return self._with_unit(self._with_features(output, inputs, training))

    def _encode(
        self, window: tf.RaggedTensor, training: bool, wanted: tf.Tensor | None = None
    ) -> tf.Tensor:
        """Embeds each position of ragged int [rows, None], from it and those before.

        Args:
            window: The rows.
            training: Whether dropout applies.
            wanted: The values that are asked for, int64 [wanted]; None for all.

        Returns:
            float32 [values, dim], for all values of all rows, or [wanted, dim].
        """
        padding = Padding(window)
        hidden = tf.gather(self.embeddings, window.flat_values) * self._scale
        hidden = self._dropout(hidden, training=training)
        matrices = past_matrices(padding.length)
        for number, block in enumerate(self._blocks, 1):
            of_use = wanted if number == len(self._blocks) else None
            hidden = block(hidden, padding, matrices, of_use, training=training)
        if wanted is not None and not self._blocks:
            hidden = tf.gather(hidden, wanted)
        return self._norm(hidden)


def _last(hidden: tf.Tensor, window: tf.RaggedTensor) -> tf.Tensor:
    """Returns the last value of each row, float32 [rows, dim]; zeros for an empty row."""
    behind = tf.pad(hidden, [[0, 1], [0, 0]])
    ends = window.row_splits[1:]
    nothing = tf.size(window.flat_values, out_type=ends.dtype)
    return tf.gather(behind, tf.where(window.row_lengths() > 0, ends - 1, nothing))

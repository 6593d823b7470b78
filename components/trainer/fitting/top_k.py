"""Top-k accuracy over the whole catalogue: one matrix product per block of users."""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from components.contracts.metric_names import MODEL_LISTS, TOP_K, accuracy
from components.trainer.inputs.batching import Batch
from components.trainer.model.ragged import multi_hot
from components.trainer.model.two_tower import TwoTowerModel

_BLOCK_USERS = 512


class TopKEvaluator:
    """Measures a model on held-out movies, with and without the movies of the history."""

    def __init__(
        self, validation: Batch, catalogue_index: np.ndarray, model: TwoTowerModel
    ) -> None:
        """Initializes the evaluator.

        Args:
            validation: One batch of users (see batching.py); its targets are the held-out movies.
            catalogue_index: Vocabulary index of each movie of the catalogue, int32 [catalogue].
            model: The model to measure.
        """
        self._columns = tf.constant(catalogue_index)
        self._k = min(max(TOP_K), len(catalogue_index))
        self._model = model
        self._hits = tf.function(self._count_hits, autograph=False)
        self._blocks = tf.data.Dataset.from_tensor_slices(validation).ragged_batch(_BLOCK_USERS)
        self._targets = int(tf.size(validation["targets"].flat_values))

    def __call__(self) -> dict[str, float]:
        """Returns `top_k_accuracy` and `unseen_top_k_accuracy` for each k; {} without targets."""
        if not self._targets:
            return {}
        hits = np.zeros([2, self._k])
        for block in self._blocks:
            hits += self._hits(block).numpy()
        shares = np.cumsum(hits, axis=1) / self._targets
        return {
            accuracy(k, prefix): float(row[min(k, self._k) - 1])
            for prefix, row in zip(MODEL_LISTS, shares, strict=True)
            for k in TOP_K
        }

    def _count_hits(self, block: Batch) -> tf.Tensor:
        """Returns the number of targets at each rank, raw and unseen: float32 [2, k]."""
        depth = self._model.candidate_tower.movies
        scores = self._on_catalogue(self._model.scores(block))
        targets = self._on_catalogue(multi_hot(block["targets"], depth))
        seen = self._on_catalogue(multi_hot(block["history"], depth))
        unseen = tf.where(seen > 0, scores.dtype.min, scores)
        return tf.stack([self._ranks(scores, targets), self._ranks(unseen, targets)])

    def _on_catalogue(self, values: tf.Tensor) -> tf.Tensor:
        """Maps the vocabulary [batch, movies + 1] to the catalogue [batch, catalogue]."""
        return tf.gather(values, self._columns, axis=1)

    def _ranks(self, scores: tf.Tensor, targets: tf.Tensor) -> tf.Tensor:
        best = tf.math.top_k(scores, self._k).indices
        return tf.reduce_sum(tf.gather(targets, best, batch_dims=1), axis=0)

"""Top-k accuracy over the whole catalogue: one matrix product per block of users."""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from components.contracts.metric_names import MODEL_LISTS, TOP_K, accuracy
from components.trainer.inputs.batching import Batch
from components.trainer.model.ragged import coordinates
from components.trainer.model.two_tower import TwoTowerModel

_BLOCK_USERS = 512
_BLOCK_SCORES = 1 << 24  # of users and movies: 64 MB


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
        oov = model.candidate_tower.movies - 1
        excluded = np.ones(oov + 1, bool)
        excluded[catalogue_index] = False
        excluded[oov] = True
        self._excluded = tf.constant(np.where(excluded, tf.float32.min, 0.0), tf.float32)
        self._k = min(max(TOP_K), len(catalogue_index))
        # Unrated movies all have the score of OOV; more than k of them change nothing.
        self._unrated = min(self._k, int(np.count_nonzero(catalogue_index == oov)))
        self._model = model
        self._lists = tf.function(self._best, autograph=False)
        users = max(1, min(_BLOCK_USERS, _BLOCK_SCORES // model.candidate_tower.movies))
        self._blocks = tf.data.Dataset.from_tensor_slices(validation).ragged_batch(users)
        self._targets = int(tf.size(validation["targets"].flat_values))

    def __call__(self) -> dict[str, float]:
        """Returns `top_k_accuracy` and `unseen_top_k_accuracy` for each k; {} without targets."""
        if not self._targets:
            return {}
        self._model.calibrate()
        hits = np.zeros([2, self._k])
        for block in self._blocks:
            targets = coordinates(block["targets"]).numpy()
            hits += [self._hits(best.numpy(), targets) for best in self._lists(block)]
        shares = np.cumsum(hits, axis=1) / self._targets
        return {
            accuracy(k, prefix): float(row[min(k, self._k) - 1])
            for prefix, row in zip(MODEL_LISTS, shares, strict=True)
            for k in TOP_K
        }

    def _best(self, block: Batch) -> tuple[tf.Tensor, tf.Tensor]:
        """Returns the movies with the best scores, raw and unseen: int32 [batch, k] each.

        Unrated movies have the indices after OOV.
        """
        scores = self._model.scores(block)
        unrated = tf.repeat(scores[:, -1:], self._unrated, axis=1)
        scores = tf.concat([scores + self._excluded, unrated], axis=1)
        pairs = coordinates(block["history"])
        lowest = tf.fill([tf.shape(pairs)[0]], scores.dtype.min)
        unseen = tf.tensor_scatter_nd_update(scores, pairs, lowest)
        return tuple(tf.math.top_k(values, self._k).indices for values in (scores, unseen))

    def _hits(self, best: np.ndarray, targets: np.ndarray) -> np.ndarray:
        """Returns the number of targets at each rank, int64 [k].

        Args:
            best: Movies of each user, int32 [batch, k].
            targets: (user, movie) pairs, int64 [n, 2].
        """
        movies = self._model.candidate_tower.movies + self._unrated
        listed = np.arange(len(best))[:, np.newaxis] * movies + best
        return np.isin(listed, targets[:, 0] * movies + targets[:, 1]).sum(axis=0)

"""The two-tower models: what is a loss; `tfrs.Model` does the loop."""

from __future__ import annotations

import numpy as np
import tensorflow as tf
import tensorflow_recommenders as tfrs

from components.trainer.batches import Batch
from components.trainer.candidate_tower import CandidateTower
from components.trainer.config import TrainerConfig
from components.trainer.full_softmax import FullSoftmax
from components.trainer.multi_hot import multi_hot
from components.trainer.query_towers import HistoryTower, UserIdTower
from components.trainer.seen_penalty import SeenPenalty


class FullSoftmaxModel(tfrs.Model):
    """Two towers under a softmax over the whole catalogue."""

    def __init__(
        self,
        query_tower: tf.keras.layers.Layer,
        candidate_tower: CandidateTower,
        task: FullSoftmax,
        seen_penalty: SeenPenalty | None = None,
    ) -> None:
        """Initializes the model from its parts."""
        super().__init__()
        self.query_tower = query_tower
        self.candidate_tower = candidate_tower
        self.task = task
        self.seen_penalty = seen_penalty
        self.mean_loss = tf.keras.metrics.Mean(name="mean_loss")

    def compute_loss(self, inputs: Batch, training: bool = False) -> tf.Tensor:
        """Returns the loss of a batch (see batches.py), a float32 scalar."""
        targets = multi_hot(inputs["targets"], self.candidate_tower.movies)
        loss = self.task(self.scores(inputs, training), targets)
        self.mean_loss.update_state(loss)
        return loss / tf.distribute.get_strategy().num_replicas_in_sync

    def scores(self, inputs: Batch, training: bool = False) -> tf.Tensor:
        """Scores the vocabulary, OOV last: float32 [batch, movies + 1]."""
        history = multi_hot(inputs["history"], self.candidate_tower.movies)
        query = self.query_tower({**inputs, "history": history}, training=training)
        scores = tf.matmul(query, self.candidate_tower.all_movies(), transpose_b=True)
        return scores if self.seen_penalty is None else scores - self.seen_penalty(history)


class InBatchModel(tfrs.Model):
    """Two towers under TFRS's Retrieval task: the batch's other candidates are the negatives."""

    seen_penalty = None

    def __init__(
        self,
        query_tower: tf.keras.layers.Layer,
        candidate_tower: CandidateTower,
        task: tfrs.tasks.Retrieval,
        sampling_probability: np.ndarray | None = None,
    ) -> None:
        """Initializes the model.

        Args:
            query_tower: Query tower.
            candidate_tower: Candidate tower.
            task: Retrieval task.
            sampling_probability: Share of each movie in the interactions, OOV last, float32
                [movies + 1], to correct the scores for (logQ); None for no correction.
        """
        super().__init__()
        self.query_tower = query_tower
        self.candidate_tower = candidate_tower
        self.task = task
        self._probability = (
            None
            if sampling_probability is None
            else tf.constant(sampling_probability, dtype=tf.float32)
        )
        self.mean_loss = tf.keras.metrics.Mean(name="mean_loss")
        # TFRS's task needs AutoGraph (for `len` of a tensor), which fit() turns off, being slow.
        self._retrieve = tf.autograph.to_graph(tfrs.tasks.Retrieval.call, recursive=False)

    def compute_loss(self, inputs: Batch, training: bool = False) -> tf.Tensor:
        """Returns the summed loss of the pairs of a batch (see batches.py), a float32 scalar."""
        targets = inputs["targets"]
        movies = targets.flat_values
        query = tf.gather(self.query_tower(inputs, training=training), targets.value_rowids())
        loss = self._retrieve(
            self.task,
            query,
            self.candidate_tower(movies),
            candidate_sampling_probability=(
                None if self._probability is None else tf.gather(self._probability, movies)
            ),
            candidate_ids=movies,
            compute_metrics=False,
        )
        self.mean_loss.update_state(loss / tf.cast(tf.maximum(tf.size(movies), 1), tf.float32))
        return loss

    def scores(self, inputs: Batch, training: bool = False) -> tf.Tensor:
        """Scores the vocabulary, OOV last: float32 [batch, movies + 1]."""
        query = self.query_tower(inputs, training=training)
        return tf.matmul(query, self.candidate_tower.all_movies(), transpose_b=True)


TwoTowerModel = FullSoftmaxModel | InBatchModel


def build_model(config: TrainerConfig, users: int, movie_counts: np.ndarray) -> TwoTowerModel:
    """Builds the model that the configuration names.

    Args:
        config: Settings.
        users: Number of users in the vocabulary.
        movie_counts: Interactions of each movie of the vocabulary, OOV last; int64 [movies + 1].
    """
    full = config.loss == "full_softmax"
    bias = full and config.item_bias
    candidate_tower = CandidateTower(
        movie_counts,
        config.embedding_dim,
        stddev=config.initial_stddev,
        item_bias=bias,
        hidden_layers=config.hidden_layers,
        seed=config.seed,
    )
    query_tower = _query_tower(config, users, candidate_tower, bias)
    if full:
        penalised = config.query == "history" and config.seen_penalty > 0
        penalty = SeenPenalty(len(movie_counts), config.seen_penalty) if penalised else None
        return FullSoftmaxModel(
            query_tower, candidate_tower, FullSoftmax(config.temperature), penalty
        )
    task = tfrs.tasks.Retrieval(
        temperature=config.temperature, remove_accidental_hits=config.remove_accidental_hits
    )
    probability = movie_counts / movie_counts.sum() if config.logq else None
    return InBatchModel(query_tower, candidate_tower, task, probability)


def _query_tower(
    config: TrainerConfig, users: int, candidate_tower: CandidateTower, unit_dimension: bool
) -> tf.keras.layers.Layer:
    if config.query == "user_id":
        return UserIdTower(
            users,
            config.embedding_dim,
            stddev=config.initial_stddev,
            unit_dimension=unit_dimension,
            hidden_layers=config.hidden_layers,
            seed=config.seed,
        )
    return HistoryTower(
        candidate_tower.embeddings,
        exponent=config.history_exponent,
        dropout=config.dropout,
        unit_dimension=unit_dimension,
        hidden_layers=config.hidden_layers,
        seed=config.seed,
    )

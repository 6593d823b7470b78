"""The two-tower models: what is a loss; `tfrs.Model` does the loop."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import tensorflow as tf
import tensorflow_recommenders as tfrs

from components.trainer.config import TrainerConfig
from components.trainer.inputs.batches import Batch
from components.trainer.inputs.catalogue import Catalogue
from components.trainer.inputs.feature_values import FeatureValues
from components.trainer.inputs.features import NO_FEATURES, Features
from components.trainer.inputs.transform_graph import TransformGraph
from components.trainer.inputs.user_rows import UserRows
from components.trainer.model.candidate_tower import CandidateTower
from components.trainer.model.feature_embeddings import FeatureEmbeddings
from components.trainer.model.full_softmax import FullSoftmax
from components.trainer.model.linear_part import LinearPart, linear_table
from components.trainer.model.query_towers import HistoryTower, UserFeatures, UserIdTower
from components.trainer.model.seen_penalty import SeenPenalty

MOVIE, USER = "movie_id", "user_id"


class TwoTowerModel(tfrs.Model):
    """A query and a candidate tower; the loss is left to subclasses.

    Attributes:
        query_tower: Embeds a batch (see batches.py) to float32 [batch, dim].
        candidate_tower: Embeds movies to float32 [n, dim].
        linear_part: More dimensions of both in serving (see linear_part.py), or None.
        seen_penalty: What movies of the history lose, or None.
        mean_loss: Mean loss of an interaction, over an epoch.
    """

    def __init__(
        self,
        query_tower: tf.keras.layers.Layer,
        candidate_tower: CandidateTower,
        linear_part: LinearPart | None = None,
    ) -> None:
        """Initializes the model from its parts."""
        super().__init__()
        self.query_tower = query_tower
        self.candidate_tower = candidate_tower
        self.linear_part = linear_part
        self.seen_penalty: SeenPenalty | None = None
        self.mean_loss = tf.keras.metrics.Mean(name="mean_loss")

    def tables(self) -> dict[str, list[tf.Variable]]:
        """Returns the trained variables with a row for each id and one for what is unknown, last.

        Returns:
            The variables by what they have a row for: `movie_id`, `user_id`, names of features.
        """
        query, candidate, penalty = self.query_tower, self.candidate_tower, self.seen_penalty
        optional = [candidate.bias, None if penalty is None else penalty.penalty]
        found = {MOVIE: [candidate.embeddings, *(t for t in optional if t is not None)]}
        if isinstance(query, UserIdTower):
            found[USER] = [query.embeddings]
        for features in self._features():
            found.update({name: [table] for name, table in features.tables.items()})
        return found

    def learned_ids(self, graph: TransformGraph) -> dict[str, np.ndarray]:
        """Returns whose rows the tables have, in their order: bytes objects [n] as in `tables`."""
        ids = {MOVIE: graph.movie_ids(), USER: graph.user_ids()}
        for features in self._features():
            ids.update(features.vocabularies)
        return {name: ids[name] for name in self.tables()}

    def _features(self) -> list[FeatureEmbeddings]:
        found = (self.query_tower.features, self.candidate_tower.features)
        return [features for features in found if features is not None]

    def embed_queries(self, inputs: Batch) -> tf.Tensor:
        """Embeds a batch for serving, float32 [batch, dim (+ linear rank)]."""
        embeddings = self.query_tower(inputs)
        if self.linear_part is None:
            return embeddings
        return tf.concat([embeddings, self.linear_part(inputs["history"])], axis=1)

    def embed_movies(self) -> tf.Tensor:
        """Embeds the vocabulary for serving, OOV last: [movies + 1, dim (+ linear rank)]."""
        embeddings = self.candidate_tower.all_movies()
        if self.linear_part is None:
            return embeddings
        return tf.concat([embeddings, self.linear_part.table], axis=1)

    def embed_catalogue(self, movie_index: tf.Tensor, catalogue: Catalogue) -> tf.Tensor:
        """Embeds a catalogue for serving, [movies, dim (+ linear rank)].

        Args:
            movie_index: Vocabulary index of each movie, int [movies].
            catalogue: The movies.
        """
        embeddings = self.candidate_tower.of_catalogue(movie_index, catalogue)
        if self.linear_part is None:
            return embeddings
        return tf.concat([embeddings, tf.gather(self.linear_part.table, movie_index)], axis=1)

    def scores(self, inputs: Batch) -> tf.Tensor:
        """Scores the vocabulary as served, OOV last: float32 [batch, movies + 1]."""
        scores = tf.matmul(self.embed_queries(inputs), self.embed_movies(), transpose_b=True)
        if self.seen_penalty is None:
            return scores
        return self.seen_penalty(scores, inputs["history"])


class FullSoftmaxModel(TwoTowerModel):
    """Two towers under a softmax over the whole catalogue."""

    def __init__(
        self,
        query_tower: tf.keras.layers.Layer,
        candidate_tower: CandidateTower,
        task: FullSoftmax,
        seen_penalty: SeenPenalty | None = None,
        linear_part: LinearPart | None = None,
    ) -> None:
        """Initializes the model from its parts."""
        super().__init__(query_tower, candidate_tower, linear_part)
        self.task = task
        self.seen_penalty = seen_penalty

    def compute_loss(self, inputs: Batch, training: bool = False) -> tf.Tensor:
        """Returns the loss of a batch (see batches.py), a float32 scalar."""
        query = self.query_tower(inputs, training=training)
        scores = tf.matmul(query, self.candidate_tower.all_movies(), transpose_b=True)
        if self.seen_penalty is not None:
            scores = self.seen_penalty(scores, inputs["history"])
        loss = self.task(scores, inputs["targets"])
        self.mean_loss.update_state(loss)
        return loss / tf.distribute.get_strategy().num_replicas_in_sync


class InBatchModel(TwoTowerModel):
    """Two towers under TFRS's Retrieval task: the batch's other candidates are the negatives."""

    def __init__(
        self,
        query_tower: tf.keras.layers.Layer,
        candidate_tower: CandidateTower,
        task: tfrs.tasks.Retrieval,
        sampling_probability: np.ndarray | None = None,
        linear_part: LinearPart | None = None,
    ) -> None:
        """Initializes the model.

        Args:
            query_tower: Query tower.
            candidate_tower: Candidate tower.
            task: Retrieval task.
            sampling_probability: Share of each movie in the interactions, OOV last, float
                [movies + 1], to correct the scores for (logQ); None for no correction.
            linear_part: Linear part, if any.
        """
        super().__init__(query_tower, candidate_tower, linear_part)
        self.task = task
        self._probability = (
            None
            if sampling_probability is None
            else tf.constant(sampling_probability, dtype=tf.float32)
        )
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


def build_model(
    config: TrainerConfig,
    users: int,
    movie_counts: np.ndarray,
    rows: UserRows,
    features: Features = NO_FEATURES,
) -> TwoTowerModel:
    """Builds the model that the configuration names.

    Args:
        config: Settings.
        users: Number of users in the vocabulary.
        movie_counts: Interactions of each movie of the vocabulary, OOV last; int64 [movies + 1].
        rows: The training interactions, for the linear part.
        features: Of movies and users, those that the configuration names.
    """
    full = config.loss == "full_softmax"
    bias = full and config.item_bias
    candidate_tower = CandidateTower(
        movie_counts,
        config.embedding_dim,
        stddev=config.initial_stddev,
        item_bias=bias,
        hidden_layers=config.hidden_layers,
        features=features.movies,
        seed=config.seed,
    )
    query_tower = _query_tower(config, users, candidate_tower, features.users, bias)
    linear = _linear_part(config, len(movie_counts) - 1, rows)
    share = movie_counts / movie_counts.sum()
    if full:
        penalised = config.query == "history" and config.seen_penalty > 0
        penalty = SeenPenalty(len(movie_counts), config.seen_penalty) if penalised else None
        smooth = FullSoftmax(config.temperature, config.label_smoothing, share)
        return FullSoftmaxModel(query_tower, candidate_tower, smooth, penalty, linear)
    task = tfrs.tasks.Retrieval(
        temperature=config.temperature, remove_accidental_hits=config.remove_accidental_hits
    )
    return InBatchModel(query_tower, candidate_tower, task, share if config.logq else None, linear)


def _linear_part(config: TrainerConfig, movies: int, rows: UserRows) -> LinearPart | None:
    if config.query != "history" or not config.linear_rank or not config.learning_rate:
        return None
    table = linear_table(
        rows,
        movies,
        rank=config.linear_rank,
        ridge=config.linear_ridge,
        weight=config.linear_weight,
        seed=config.seed,
    )
    return LinearPart(table)


def _query_tower(
    config: TrainerConfig,
    users: int,
    candidate_tower: CandidateTower,
    features: Sequence[FeatureValues],
    unit_dimension: bool,
) -> tf.keras.layers.Layer:
    user_features = None
    if features:
        user_features = UserFeatures(
            features, config.embedding_dim, dropout=config.feature_dropout, seed=config.seed
        )
    if config.query == "user_id":
        return UserIdTower(
            users,
            config.embedding_dim,
            stddev=config.initial_stddev,
            unit_dimension=unit_dimension,
            hidden_layers=config.hidden_layers,
            features=user_features,
            seed=config.seed,
        )
    return HistoryTower(
        candidate_tower,
        exponent=config.history_exponent,
        dropout=config.dropout,
        unit_dimension=unit_dimension,
        hidden_layers=config.hidden_layers,
        features=user_features,
        seed=config.seed,
    )

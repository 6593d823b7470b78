"""The two-tower models, one for each loss; `tfrs.Model` has the training loop."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import tensorflow as tf
import tensorflow_recommenders as tfrs

from components.contracts.examples import MOVIE_ID, USER_ID
from components.trainer.config import TrainerConfig
from components.trainer.inputs.batching import Batch
from components.trainer.inputs.catalogue import Catalogue
from components.trainer.inputs.features import NO_FEATURES, Features
from components.trainer.inputs.transform_graph import TransformGraph
from components.trainer.inputs.user_rows import UserRows
from components.trainer.model.candidate_tower import CandidateTower
from components.trainer.model.feature_embeddings import FeatureEmbeddings
from components.trainer.model.linear_part import LinearPart, linear_table
from components.trainer.model.losses.full_softmax import FullSoftmax
from components.trainer.model.losses.query_blocks import QUERIES_OF_BLOCK, loss_in_blocks
from components.trainer.model.losses.sampled_softmax import SampledSoftmax, draw_candidates
from components.trainer.model.products import scores_of
from components.trainer.model.query_towers import QUERY_TOWERS
from components.trainer.model.replicas import share_of_step, targets_weight
from components.trainer.model.seen_penalty import SeenPenalty
from components.trainer.model.sequence.tower import SequenceTower
from components.trainer.model.sequence.transition_part import TransitionPart
from components.trainer.model.sequence.transitions import fit_transitions

_CALIBRATION_USERS = 256
# Of a batch, what the loss reads.
_ROWS = ("history", "targets", "target_weights")


@dataclass(frozen=True)
class Calibration:
    """How much the transitions count.

    Attributes:
        batch: Some users' histories.
        weight: Deviation of the transitions' scores, in units of that of the trained scores.
    """

    batch: Batch
    weight: float


class TwoTowerModel(tfrs.Model):
    """A query and a candidate tower; the loss is left to subclasses.

    Attributes:
        query_tower: Embeds a batch (see batching.py) to float32 [batch, dim].
        candidate_tower: Embeds movies to float32 [n, dim].
        linear_part: More dimensions of both in serving, in closed form (see linear_part.py and
            sequence/transition_part.py), or None.
        seen_penalty: Lowers the scores of movies of the history, or None.
        mean_loss: Mean loss of an interaction, over an epoch.
        uses_weights: Whether weights of interactions count, where the data have them.
    """

    def __init__(
        self,
        config: TrainerConfig,
        users: int,
        movie_counts: np.ndarray,
        features: Features = NO_FEATURES,
    ) -> None:
        """Initializes the model without its linear part.

        Args:
            config: Settings.
            users: Number of users in the vocabulary.
            movie_counts: Interactions of each movie of the vocabulary, OOV last; int64
                [movies + 1].
            features: Features of movies and users, those that the settings name.
        """
        super().__init__()
        candidate_tower = CandidateTower(config, movie_counts, features.movies)
        self.query_tower = QUERY_TOWERS[config.query](
            config, users, candidate_tower, features.users
        )
        self.candidate_tower = candidate_tower
        self.linear_part: LinearPart | TransitionPart | None = None
        self._calibration: Calibration | None = None
        self.seen_penalty: SeenPenalty | None = None
        self.mean_loss = tf.keras.metrics.Mean(name="mean_loss")
        self.uses_weights = config.weights == "auto"
        self._precision = config.precision
        self._init_loss(config, movie_counts)

    def _init_loss(self, config: TrainerConfig, movie_counts: np.ndarray) -> None:
        """Creates the loss and what only it needs; the arguments are those of the model."""
        raise NotImplementedError

    def _add_seen_penalty(self, config: TrainerConfig) -> None:
        if self.query_tower.pools_history and config.seen_penalty > 0:
            self.seen_penalty = SeenPenalty(self.candidate_tower.movies, config.seen_penalty)

    def compute_loss(self, inputs: Batch, training: bool = False) -> tf.Tensor:
        """Returns the loss of a batch (see batching.py), a float32 scalar."""
        return self._loss(self.query_tower.queries(inputs), training)

    def _loss(self, inputs: Batch, training: bool) -> tf.Tensor:
        """Returns the loss of a batch that has a row for each query."""
        raise NotImplementedError

    def add_linear_part(self, config: TrainerConfig, rows: UserRows, is_warm: bool = False) -> None:
        """Fits the linear part to the training interactions, where the settings have one.

        Args:
            config: Settings.
            rows: The interactions.
            is_warm: Whether the towers have their weights already; else those of a SequenceTower
                start from the linear part.
        """
        tower = self.query_tower
        if not tower.pools_history or not config.learning_rate:
            return
        if isinstance(tower, SequenceTower):
            if config.transition_rank:
                self._add_transitions(config, rows, is_warm)
        elif config.linear_rank:
            movies = self.candidate_tower.movies - 1
            self.linear_part = LinearPart(linear_table(rows, movies, config))

    def _add_transitions(self, config: TrainerConfig, rows: UserRows, is_warm: bool) -> None:
        movies = self.candidate_tower.movies - 1
        transitions = fit_transitions(
            rows, movies, config.transition_rank, config.transition_ridge, config.seed
        )
        if not is_warm:
            self.query_tower.start_from(transitions)
            self.candidate_tower.start_from(transitions.candidates)
        if config.transition_weight:
            self.linear_part = TransitionPart(transitions)
            some = np.unique(np.linspace(0, rows.users - 1, _CALIBRATION_USERS).astype(np.int64))
            self._calibration = Calibration(
                {"history": tf.gather(rows.movies, some)}, config.transition_weight
            )

    def calibrate(self) -> None:
        """Sets the factor of the transitions, so that their scores deviate as the settings say.

        Both deviations are over the movies of a user, and means over some users of train.
        """
        part = self.linear_part
        if self._calibration is None or not isinstance(part, TransitionPart):
            return
        part.factor.assign(1.0)
        queries, movies = self.embed_queries(self._calibration.batch), self.embed_movies()[:-1]
        trained = int(movies.shape[1]) - int(part.table.shape[1])
        deviations = [
            tf.reduce_mean(
                tf.math.reduce_std(
                    tf.matmul(queries[:, columns], movies[:, columns], transpose_b=True), axis=1
                )
            )
            for columns in (slice(0, trained), slice(trained, None))
        ]
        part.factor.assign(self._calibration.weight * tf.math.divide_no_nan(*deviations))

    def tables(self) -> dict[str, list[tf.Variable]]:
        """Returns the trained variables with a row for each id or value, and one for OOV, last.

        Returns:
            The variables by the name of their rows: `movie_id`, `user_id`, names of features.
        """
        candidate, penalty = self.candidate_tower, self.seen_penalty
        optional = [candidate.bias, None if penalty is None else penalty.penalty]
        tables = {MOVIE_ID: [candidate.embeddings, *(t for t in optional if t is not None)]}
        for name, own in self.query_tower.tables().items():
            tables.setdefault(name, []).extend(own)
        for features in self._features():
            tables.update({name: [table] for name, table in features.tables.items()})
        return tables

    def learned_ids(self, graph: TransformGraph) -> dict[str, np.ndarray]:
        """Returns the ids of the tables' rows in order, named as in `tables`: bytes objects [n]."""
        ids = {MOVIE_ID: graph.movie_ids(), USER_ID: graph.user_ids()}
        for features in self._features():
            ids.update(features.vocabularies)
        return {name: ids[name] for name in self.tables()}

    def _features(self) -> list[FeatureEmbeddings]:
        both = (self.query_tower.features, self.candidate_tower.features)
        return [features for features in both if features is not None]

    def embed_queries(self, inputs: Batch) -> tf.Tensor:
        """Embeds a batch for serving, float32 [batch, dim (+ linear rank)]."""
        embeddings = self.query_tower(inputs)
        if self.linear_part is None:
            return embeddings
        linear = self.linear_part(inputs["history"], inputs.get("history_weights"))
        return tf.concat([embeddings, linear], axis=1)

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

    def _init_loss(self, config: TrainerConfig, movie_counts: np.ndarray) -> None:
        share = movie_counts / movie_counts.sum()
        self.task = FullSoftmax(config.temperature, config.label_smoothing, share)
        self._blocks = -(-config.queries // QUERIES_OF_BLOCK)
        self._add_seen_penalty(config)

    def _loss(self, inputs: Batch, training: bool) -> tf.Tensor:
        """Returns the loss of a batch (see batching.py), a float32 scalar."""
        query = self.query_tower(inputs, training=training)
        weight = targets_weight(inputs["targets"], inputs.get("target_weights"))

        def of_block(queries: tf.Tensor, movies: tf.Tensor, rows: Batch) -> tf.Tensor:
            scores = scores_of(queries, movies, self._precision)
            if self.seen_penalty is not None:
                scores = self.seen_penalty(scores, rows["history"])
            targets, weights = rows["targets"], rows.get("target_weights")
            part = tf.math.divide_no_nan(targets_weight(targets, weights), weight)
            return part * self.task(scores, targets, weights)

        loss = loss_in_blocks(
            of_block,
            query,
            self.candidate_tower.all_movies(),
            [] if self.seen_penalty is None else [self.seen_penalty.penalty],
            {name: inputs[name] for name in _ROWS if name in inputs},
            self._blocks,
        )
        share = share_of_step(weight)
        replicas = tf.distribute.get_strategy().num_replicas_in_sync
        self.mean_loss.update_state(loss * share * replicas)
        return loss * share


class SampledSoftmaxModel(TwoTowerModel):
    """Two towers under a softmax over a sample of the catalogue (see sampled_softmax.py).

    A step gathers the rows of the movie table that it uses once, and its gradient has these only.
    """

    def _init_loss(self, config: TrainerConfig, movie_counts: np.ndarray) -> None:
        share = movie_counts / movie_counts.sum()
        self.task = SampledSoftmax(
            config.negatives, share, config.temperature, config.label_smoothing
        )
        self._negatives, self._seed = config.negatives, config.seed
        self._add_seen_penalty(config)

    def _loss(self, inputs: Batch, training: bool) -> tf.Tensor:
        """Returns the loss of a batch (see batching.py), a float32 scalar."""
        tower = self.candidate_tower
        drawn = draw_candidates(
            inputs["targets"], inputs["history"], self._negatives, tower.movies, self._seed
        )
        rows = tower.rows(drawn.movies)
        pooled = {**inputs, "history": drawn.history, "table": rows}
        query = self.query_tower(pooled, training=training)
        movies = drawn.movies[: drawn.number]
        embeddings = tower.embed_rows(rows[: drawn.number], movies)
        scores = scores_of(query, embeddings, self._precision)
        if self.seen_penalty is not None:
            scores = self.seen_penalty(scores, drawn.seen(), movies)
        loss = self.task(scores, drawn, inputs.get("target_weights"))
        self.mean_loss.update_state(loss)
        return loss / tf.distribute.get_strategy().num_replicas_in_sync


class InBatchModel(TwoTowerModel):
    """Two towers under TFRS's Retrieval task: the batch's other candidates are the negatives."""

    def _init_loss(self, config: TrainerConfig, movie_counts: np.ndarray) -> None:
        self.task = tfrs.tasks.Retrieval(
            temperature=config.temperature, remove_accidental_hits=config.remove_accidental_hits
        )
        share = tf.constant(movie_counts / movie_counts.sum(), dtype=tf.float32)
        # Corrects scores for the movie's share of the interactions: logQ.
        self._probability = share if config.logq else None
        # TFRS's task needs AutoGraph (for `len` of a tensor), which fit() turns off, being slow.
        self._retrieve = tf.autograph.to_graph(tfrs.tasks.Retrieval.call, recursive=False)

    def _loss(self, inputs: Batch, training: bool) -> tf.Tensor:
        """Returns the summed loss of the pairs of a batch (see batching.py), a float32 scalar.

        Each pair's loss is multiplied by its weight, where there are weights.
        """
        targets, weights = inputs["targets"], inputs.get("target_weights")
        movies = targets.flat_values
        query = tf.gather(self.query_tower(inputs, training=training), targets.value_rowids())
        loss = self._retrieve(
            self.task,
            query,
            self.candidate_tower(movies),
            sample_weight=None if weights is None else weights.flat_values,
            candidate_sampling_probability=(
                None if self._probability is None else tf.gather(self._probability, movies)
            ),
            candidate_ids=movies,
            compute_metrics=False,
        )
        pairs = tf.cast(tf.maximum(tf.size(movies), 1), tf.float32)
        self.mean_loss.update_state(loss / pairs)
        return loss


MODELS: dict[str, type[TwoTowerModel]] = {
    "full_softmax": FullSoftmaxModel,
    "sampled_softmax": SampledSoftmaxModel,
    "in_batch": InBatchModel,
}

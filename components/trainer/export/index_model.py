"""The index model: state and scores of retrieval over the whole catalogue.

A plain `tf.Module`: the SavedModel loads with TensorFlow alone. Scores are dot products of the
query and the candidate embedding, plus the penalty on movies of the user's history where the model
has one. A *row* is a row of the catalogue, -1 for none; an *index* one of the vocabulary, OOV last.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import tensorflow as tf

from components.contracts.saved_model import MAX_K
from components.trainer.config import TrainerConfig
from components.trainer.export.candidate_index import Candidates
from components.trainer.export.index_choice import QUERIES, Queries, choose_index, evenly
from components.trainer.export.popular_movies import PopularMovies
from components.trainer.export.scores import NO_ROW, Scores
from components.trainer.inputs.catalogue import Catalogue
from components.trainer.inputs.training_inputs import TrainingInputs
from components.trainer.inputs.user_rows import UserRows
from components.trainer.model.learned_weights import attach_learned_weights
from components.trainer.model.two_tower import TwoTowerModel


class IndexModel(tf.Module):
    """Top-k retrieval over the catalogue.

    Attributes:
        graph: The transform graph, for vocabulary indices of users and features.
        movie_ids: string [catalogue].
        titles: string [catalogue].
        users: Number of users that the model knows.
        k: Length of the lists.
        popular: The most popular movies; the score is the log of the share of the train
            interactions.
        index: The embeddings of the catalogue, float32 [catalogue, dim], and the search in them.
        unknown_candidate: Embedding of a movie outside the catalogue, float32 [dim].
        similarity_dim: Number of first dimensions of an embedding without the popularity term.
        user_features: User features with which a history can be embedded.
        embed_users: User ids string [batch] → embeddings float32 [batch, dim], whether the user is
            known bool [batch], rows of the history ragged int32 [batch, None].
    """

    def __init__(
        self,
        model: TwoTowerModel,
        inputs: TrainingInputs,
        split: str = "",
        config: TrainerConfig | None = None,
    ) -> None:
        """Initializes the index.

        Args:
            model: A trained model.
            inputs: The inputs of its training.
            split: The split whose train part they are, as JSON of the settings.
            config: Settings of the index; by default it is chosen.
        """
        super().__init__(name="index_model")
        graph, catalogue = inputs.graph, inputs.catalogue
        index = catalogue.indices_in(graph.movie_ids())
        self.graph = graph
        self._transform = graph.resources()  # tracked: its vocabularies are saved as assets
        self.users, self._movies = graph.users, graph.movies
        self.k = min(MAX_K, len(catalogue))
        self._init_catalogue(catalogue, index, inputs.summary.movie_counts)
        self._init_history(inputs.summary.rows, model.uses_weights)
        self._init_candidates(model, index, catalogue, config or TrainerConfig())
        attach_learned_weights(self, model.trainable_variables, model.learned_ids(graph), split)
        # Traced once, called by several signatures: tracing takes most of an export's time.
        self.embed_users = tf.function(self._embed_users, autograph=False)

    def _init_catalogue(
        self, catalogue: Catalogue, index: np.ndarray, movie_counts: np.ndarray
    ) -> None:
        self.movie_ids = tf.Variable(catalogue.movie_ids.tolist(), trainable=False)
        self.titles = tf.Variable(catalogue.titles.tolist(), trainable=False)
        rows = np.full(self._movies + 1, NO_ROW, dtype=np.int32)
        rows[index] = np.arange(len(index), dtype=np.int32)
        rows[self._movies] = NO_ROW
        self._row_of_index = tf.Variable(rows, trainable=False)
        self._index_of_row = tf.Variable(index, trainable=False)
        self._row_of_id = tf.lookup.StaticHashTable(
            tf.lookup.KeyValueTensorInitializer(
                tf.constant(catalogue.movie_ids.tolist()), np.arange(len(index), dtype=np.int32)
            ),
            default_value=NO_ROW,
        )
        counts = np.where(index < self._movies, movie_counts[index], 0)
        # Half an interaction keeps the share of an unrated movie finite, below all rated ones.
        share = np.log(np.maximum(counts, 0.5) / movie_counts.sum())
        self.popular = PopularMovies(share.astype(np.float32))

    def _init_candidates(
        self, model: TwoTowerModel, index: np.ndarray, catalogue: Catalogue, config: TrainerConfig
    ) -> None:
        tower = model.query_tower
        self.unknown_candidate = tf.Variable(model.embed_movies()[-1], trainable=False)
        self._penalty = None
        if model.seen_penalty is not None:
            penalty = tf.gather(model.seen_penalty.penalty, index)
            self._penalty = tf.Variable(penalty, trainable=False)
        self._pools_history = tower.pools_history
        self.user_features: tuple[str, ...] = ()
        if tower.pools_history and tower.features is not None:
            self.user_features = tuple(tower.features.vocabularies)
        self._fixed_variables = list(model.non_trainable_variables)
        # A closure, not an attribute: Keras would save the layers' own functions as well.
        self._embed: Callable[[dict[str, tf.Tensor]], tf.Tensor] = lambda batch: (
            model.embed_queries(batch)
        )
        self.similarity_dim = int(model.candidate_tower.embeddings.shape[1])
        vectors = model.embed_catalogue(index, catalogue).numpy()
        candidates = Candidates(vectors, self.similarity_dim, index < self._movies)
        chosen = choose_index(candidates, self._some_users, self.k, config)
        # Kept as it came: TensorFlow would wrap a dictionary, and JSON knows no such wrapper.
        self._chosen, self.index = chosen, chosen.index

    @property
    def index_facts(self) -> dict[str, object]:
        """How the index came about, for the record of the training: see ChosenIndex."""
        return self._chosen.facts

    def _some_users(self) -> Queries:
        """Returns users to measure an index with, and what each has seen."""
        users = evenly(self.graph.user_ids(), QUERIES).tolist()
        embeddings, _, seen = self._embed_users(tf.constant(users))
        return Queries(embeddings.numpy(), seen)

    def _init_history(self, rows: UserRows, uses_weights: bool) -> None:
        """Stores each user's movies: values int32 [interactions], row splits int64 [users + 2].

        Their weights, float32 [interactions], are stored where there are any and the model uses
        them.
        """
        lengths = np.zeros(self.users + 1, dtype=np.int64)  # the OOV user has no history
        lengths[rows.user_index.numpy()] = rows.movies.row_lengths().numpy()
        self._history_values = tf.Variable(rows.movies.flat_values, trainable=False)
        self._history_splits = tf.Variable(
            np.concatenate([[0], np.cumsum(lengths)]), trainable=False
        )
        self._history_weights = None
        if rows.weights is not None and uses_weights:
            self._history_weights = tf.Variable(rows.weights.flat_values, trainable=False)

    def _embed_users(self, user_id: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.RaggedTensor]:
        user_index = self.graph.user_index(user_id)
        history = self._of_users(self._history_values, user_index)
        batch = {"user_index": user_index, "history": history}
        if self._history_weights is not None:
            batch["history_weights"] = self._of_users(self._history_weights, user_index)
        embedding = self._embed(batch)
        seen = history.with_flat_values(tf.gather(self._row_of_index, history.flat_values))
        return embedding, user_index < self.users, seen

    def _of_users(self, values: tf.Variable, user_index: tf.Tensor) -> tf.RaggedTensor:
        """Returns the users' part of values by interaction, [interactions]: [batch, None]."""
        rows = tf.RaggedTensor.from_row_splits(values, self._history_splits, validate=False)
        return tf.gather(rows, user_index)

    def scores(
        self,
        embedding: tf.Tensor,
        history: tf.RaggedTensor,
        removed: tf.Tensor | int = 0,
        exactly: bool = False,
    ) -> Scores:
        """Scores candidates, less the penalty on those of the history.

        Args:
            embedding: Of the queries, float32 [batch, dim].
            history: Rows of each query's history, ragged int32 [batch, None].
            removed: How many movies that are not of the history the caller is going to remove,
                int32 [batch].
            exactly: Whether no candidate may be missed.
        """
        needed = self.k + tf.cast(history.row_lengths(), tf.int32) + removed
        search = self.index.search_exactly if exactly else self.index.search
        scores = search(embedding, needed)
        return scores if self._penalty is None else scores.less(history, self._penalty)

    def similar(self, rows: tf.Tensor) -> Scores:
        """Scores candidates by their cosine with those of rows int32 [batch]."""
        return self.index.similar(rows, tf.fill(tf.shape(rows), self.k + 1))

    def embed_history(
        self, rows: tf.RaggedTensor, features: dict[str, tf.Tensor] | None = None
    ) -> tf.Tensor:
        """Embeds a history: by the query tower, or as the mean of its movies where it cannot.

        Args:
            rows: Rated movies, ragged int32 [batch, None].
            features: Indices of the values of user features, int32 [batch] by name.

        Returns:
            float32 [batch, dim].
        """
        if self._pools_history:
            index = tf.gather(self._index_of_row, rows.flat_values)
            history = rows.with_flat_values(index)
            return self._embed({"history": history, "user_features": features or {}})
        vectors = self.index.gather(rows.flat_values)
        extra = vectors.shape[1] - self.similarity_dim
        means = tf.math.unsorted_segment_mean(
            vectors[:, : self.similarity_dim],
            rows.value_rowids(),
            tf.cast(rows.nrows(), tf.int64),
        )
        return tf.concat([means, tf.ones([rows.nrows(), extra])], axis=1)

    def rows(self, movie_id: tf.Tensor) -> tf.Tensor:
        """Returns the row of each movie id, string to int32 of the same shape."""
        return self._row_of_id.lookup(movie_id)

    def is_rated(self, rows: tf.Tensor) -> tf.Tensor:
        """Says which rows int32 [n] are of movies in the vocabulary: bool [n]."""
        index = tf.gather(self._index_of_row, tf.maximum(rows, 0))
        return (rows > NO_ROW) & (index < self._movies)

"""The index model: raw ids in, the best movies of the whole catalogue out.

A plain `tf.Module`: what it saves loads with TensorFlow alone. Scores are dot products of the query
and the candidate embedding, plus the penalty on movies of the user's history where the model has
one. Indices: a *place* is a row of the catalogue, an *index* a row of the vocabulary (OOV last).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import tensorflow as tf

from components.trainer.inputs.catalogue import Catalogue
from components.trainer.inputs.training_inputs import Source
from components.trainer.inputs.user_rows import UserRows
from components.trainer.model.learned_weights import keep_learned
from components.trainer.model.query_towers import HistoryTower
from components.trainer.model.two_tower import TwoTowerModel

MAX_K = 100
LOWEST = tf.float32.min
_NOWHERE = -1
_Named = dict[str, tf.Tensor]


class IndexModel(tf.Module):
    """Exact top-k retrieval over the catalogue, with the signatures of the exported model."""

    def __init__(
        self,
        model: TwoTowerModel,
        source: Source,
        split: str = "",
    ) -> None:
        """Initializes the index.

        Args:
            model: A trained model.
            source: What it was trained on.
            split: The split that this was the train part of, as the settings write it.
        """
        super().__init__(name="index_model")
        graph, catalogue = source.graph, source.catalogue
        index = catalogue.indices_in(graph.movie_ids())
        self._graph = graph
        self._transform = graph.resources()  # tracked: its vocabularies are saved as assets
        self._users, self._movies = graph.users, graph.movies
        self._k = min(MAX_K, len(catalogue))
        self._init_catalogue(catalogue, index, source.summary.movie_counts)
        self._init_candidates(model, index, catalogue)
        self._init_history(source.all_rows())
        keep_learned(self, model.trainable_variables, model.learned_ids(graph), split)
        # Traced once, called by several signatures: tracing is most of an export's time.
        self._query = tf.function(self._embed_user, autograph=False)
        self._scores = tf.function(self._score, autograph=False)

    def _init_catalogue(
        self, catalogue: Catalogue, index: np.ndarray, movie_counts: np.ndarray
    ) -> None:
        self._movie_ids = tf.Variable(catalogue.movie_ids.tolist(), trainable=False)
        self._titles = tf.Variable(catalogue.titles.tolist(), trainable=False)
        places = np.full(self._movies + 1, _NOWHERE, dtype=np.int32)
        places[index] = np.arange(len(index), dtype=np.int32)
        places[self._movies] = _NOWHERE
        self._place_of_index = tf.Variable(places, trainable=False)
        self._index_of_place = tf.Variable(index, trainable=False)
        self._places = tf.lookup.StaticHashTable(
            tf.lookup.KeyValueTensorInitializer(
                tf.constant(catalogue.movie_ids.tolist()), np.arange(len(index), dtype=np.int32)
            ),
            default_value=_NOWHERE,
        )
        counts = np.where(index < self._movies, movie_counts[index], 0)
        # Half an interaction keeps the share of an unrated movie finite, below all rated ones.
        share = np.log(np.maximum(counts, 0.5) / movie_counts.sum())
        self._popularity = tf.Variable(share.astype(np.float32), trainable=False)

    def _init_candidates(
        self, model: TwoTowerModel, index: np.ndarray, catalogue: Catalogue
    ) -> None:
        self._dim = int(model.candidate_tower.embeddings.shape[1])
        self._candidates = tf.Variable(model.embed_catalogue(index, catalogue), trainable=False)
        self._unknown_candidate = tf.Variable(model.embed_movies()[-1], trainable=False)
        penalty = model.seen_penalty
        self._penalty = None
        if penalty is not None:
            self._penalty = tf.Variable(tf.gather(penalty.penalty, index), trainable=False)
        features = model.query_tower.features
        self._user_features = tuple(features.vocabularies) if features is not None else ()
        self._pools_history = isinstance(model.query_tower, HistoryTower)
        self._fixed_variables = list(model.non_trainable_variables)
        # A closure, not an attribute: Keras would save the layers' own functions as well.
        self._embed: Callable[[_Named], tf.Tensor] = lambda inputs: model.embed_queries(inputs)

    def _init_history(self, rows: UserRows) -> None:
        """Stores each user's movies: values int32 [interactions], row splits int64 [users + 2]."""
        lengths = np.zeros(self._users + 1, dtype=np.int64)  # the OOV user has no history
        lengths[rows.user_index.numpy()] = rows.movies.row_lengths().numpy()
        self._history_values = tf.Variable(rows.movies.flat_values, trainable=False)
        self._history_splits = tf.Variable(
            np.concatenate([[0], np.cumsum(lengths)]), trainable=False
        )

    # What a user has seen, and the query embedding.

    def _history(self, user_index: tf.Tensor) -> tf.RaggedTensor:
        """Returns the movies of users int [batch], ragged int32 [batch, None]."""
        histories = tf.RaggedTensor.from_row_splits(
            self._history_values, self._history_splits, validate=False
        )
        return tf.gather(histories, user_index)

    def _seen_places(self, history: tf.RaggedTensor) -> tf.RaggedTensor:
        return history.with_flat_values(tf.gather(self._place_of_index, history.flat_values))

    def _embed_user(self, user_id: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.RaggedTensor]:
        """Returns embeddings [batch, dim], known bool [batch], places seen ragged [batch, None]."""
        user_index = self._graph.user_index(user_id)
        history = self._history(user_index)
        embedding = self._embed({"user_index": user_index, "history": history})
        return embedding, user_index < self._users, self._seen_places(history)

    # Scores of the whole catalogue, float32 [batch, catalogue].

    def _score(self, embedding: tf.Tensor, known: tf.Tensor, seen: tf.RaggedTensor) -> tf.Tensor:
        scores = tf.matmul(embedding, self._candidates, transpose_b=True)
        if self._penalty is not None:
            at, places = _coordinates(seen)
            scores = tf.tensor_scatter_nd_sub(scores, at, tf.gather(self._penalty, places))
        return tf.where(known[:, tf.newaxis], scores, self._popularity)

    def _popular(self, batch: tf.Tensor) -> tf.Tensor:
        return tf.repeat(self._popularity[tf.newaxis], batch, axis=0)

    def _user_scores(self, user_id: tf.Tensor) -> tuple[tf.Tensor, tf.RaggedTensor]:
        embedding, known, seen = self._query(user_id)
        return self._scores(embedding, known, seen), seen

    # The best of them.

    def _best(self, scores: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
        """Returns scores [batch, k], places [batch, k] and whether there is a movie, bool."""
        scores, places = tf.math.top_k(scores, self._k)
        return scores, places, scores > LOWEST

    def _answer(self, scores: tf.Tensor) -> _Named:
        scores, places, there = self._best(scores)
        return {
            "movie_id": tf.where(there, tf.gather(self._movie_ids, places), ""),
            "title": tf.where(there, tf.gather(self._titles, places), ""),
            "score": scores,
        }

    def _best_ids(self, scores: tf.Tensor) -> tf.Tensor:
        _, places, there = self._best(scores)
        return tf.where(there, tf.gather(self._movie_ids, places), "")

    # Signatures.

    def serving_default(self, user_id: tf.Tensor) -> _Named:
        """Recommends what the user has not seen; popular movies where the user is unknown."""
        scores, seen = self._user_scores(user_id)
        return self._answer(_without(scores, seen))

    def serving_raw(self, user_id: tf.Tensor) -> _Named:
        """Recommends without removing what the user has seen."""
        return self._answer(self._user_scores(user_id)[0])

    def serving_exclude(self, user_id: tf.Tensor, exclude_movie_id: tf.Tensor) -> _Named:
        """Recommends what the user has not seen and is not in `exclude_movie_id` [batch, m]."""
        scores, seen = self._user_scores(user_id)
        return self._answer(_without(_without(scores, seen), self._places.lookup(exclude_movie_id)))

    def similar_movies(self, movie_id: tf.Tensor) -> _Named:
        """Lists movies by the cosine of their embeddings, the popularity term left out."""
        places = self._places.lookup(movie_id)
        vectors = self._candidates[:, : self._dim]
        norms = tf.norm(vectors, axis=1)
        known = self._rated(places)
        queries = tf.gather(vectors, tf.maximum(places, 0))
        products = tf.matmul(queries, vectors, transpose_b=True)
        scales = tf.maximum(tf.gather(norms, tf.maximum(places, 0))[:, tf.newaxis] * norms, 1e-12)
        # Unrated movies share one untrained embedding: alike, but for no reason.
        cosines = tf.where(self._index_of_place < self._movies, products / scales, -1.0)
        scores = tf.where(known[:, tf.newaxis], cosines, self._popularity)
        return self._answer(_without(scores, places[:, tf.newaxis]))

    def recommend_from_history(self, movie_id: tf.Tensor) -> _Named:
        """Recommends from the movies that someone watched, `movie_id` [batch, m] padded with ""."""
        places = _unique(self._places.lookup(movie_id))
        rated = self._only_rated(places)
        known = rated.row_lengths() > 0
        scores = self._scores(self._embed_history(rated, {}), known, rated)
        return self._answer(_without(scores, places))

    def recommend_from_profile(self, movie_id: tf.Tensor, **features: tf.Tensor) -> _Named:
        """Recommends from movies as `recommend_from_history`, and features of the user.

        Args:
            movie_id: Movies that someone watched, [batch, m] padded with ""; there may be none.
            **features: A value for each user feature of the model, [batch]; one that is not in the
                vocabulary, such as "", says nothing. Who has neither movies nor a known value gets
                the popular movies.
        """
        places = _unique(self._places.lookup(movie_id))
        rated = self._only_rated(places)
        indices = {name: self._graph.feature_index(name, features[name]) for name in features}
        known = rated.row_lengths() > 0
        for name, index in indices.items():
            known |= index < len(self._graph.vocabulary(name))
        scores = self._scores(self._embed_history(rated, indices), known, rated)
        return self._answer(_without(scores, places))

    def serving_examples(self, examples: tf.Tensor) -> _Named:
        """Answers serialised user Examples, for the Evaluator and batch inference."""
        spec = {
            "user_id": tf.io.FixedLenFeature([1], tf.string),
            "seen_movie_id": tf.io.RaggedFeature(tf.string),
        }
        features = tf.io.parse_example(examples, spec)
        user_id = features["user_id"][:, 0]
        embedding, known, history = self._query(user_id)
        scores = self._scores(embedding, known, history)
        seen_ids = features["seen_movie_id"]
        seen = seen_ids.with_flat_values(self._places.lookup(seen_ids.flat_values))
        batch = tf.shape(user_id)[0]
        popular = self._popular(batch)
        column = tf.ones([batch, 1], tf.int64)
        return {
            "top_movie_id": self._best_ids(scores),
            "unseen_top_movie_id": self._best_ids(_without(scores, seen)),
            "popular_movie_id": tf.repeat(self._best_ids(popular[:1]), batch, axis=0),
            "unseen_popular_movie_id": self._best_ids(_without(popular, seen)),
            "known_user": tf.cast(known, tf.int64)[:, tf.newaxis],
            "catalogue_size": column * self._movie_ids.shape[0],
        }

    def embed_query(self, user_id: tf.Tensor) -> _Named:
        """Embeds users; zeros for one that is unknown."""
        embedding, known, _ = self._query(user_id)
        return {"embedding": tf.where(known[:, tf.newaxis], embedding, 0.0)}

    def embed_candidate(self, movie_id: tf.Tensor) -> _Named:
        """Embeds movies; what is in no catalogue gets the embedding of unrated movies."""
        places = self._places.lookup(movie_id)
        embedding = tf.gather(self._candidates, tf.maximum(places, 0))
        return {
            "embedding": tf.where(
                (places > _NOWHERE)[:, tf.newaxis], embedding, self._unknown_candidate
            )
        }

    def _rated(self, places: tf.Tensor) -> tf.Tensor:
        """Says which places [n] (-1: none) are of movies in the vocabulary."""
        index = tf.gather(self._index_of_place, tf.maximum(places, 0))
        return (places > _NOWHERE) & (index < self._movies)

    def _only_rated(self, places: tf.RaggedTensor) -> tf.RaggedTensor:
        keep = places.with_flat_values(self._rated(places.flat_values))
        return tf.ragged.boolean_mask(places, keep)

    def _embed_history(self, places: tf.RaggedTensor, features: _Named) -> tf.Tensor:
        if self._pools_history:
            index = tf.gather(self._index_of_place, places.flat_values)
            history = places.with_flat_values(index)
            return self._embed({"history": history, "user_features": features})
        vectors = tf.gather(self._candidates[:, : self._dim], places.flat_values)
        total = tf.math.unsorted_segment_mean(
            vectors, places.value_rowids(), tf.cast(places.nrows(), tf.int64)
        )
        extra = self._candidates.shape[1] - self._dim
        return tf.concat([total, tf.ones([places.nrows(), extra])], axis=1)

    def signatures(self) -> dict[str, tf.types.experimental.ConcreteFunction]:
        """Traces all signatures: name → concrete function of named string tensors."""
        names: dict[str, tuple[str, ...]] = {
            "serving_default": ("user_id",),
            "serving_raw": ("user_id",),
            "serving_exclude": ("user_id", "exclude_movie_id"),
            "similar_movies": ("movie_id",),
            "recommend_from_history": ("movie_id",),
            "serving_examples": ("examples",),
            "embed_query": ("user_id",),
            "embed_candidate": ("movie_id",),
        }
        if self._pools_history and self._user_features:
            names["recommend_from_profile"] = ("movie_id", *self._user_features)
        return {name: self._trace(name, inputs) for name, inputs in names.items()}

    def _trace(self, name: str, inputs: Sequence[str]) -> tf.types.experimental.ConcreteFunction:
        wide = {
            ("serving_exclude", "exclude_movie_id"),
            ("recommend_from_history", "movie_id"),
            ("recommend_from_profile", "movie_id"),
        }
        specs = {
            key: tf.TensorSpec([None, None] if (name, key) in wide else [None], tf.string, name=key)
            for key in inputs
        }
        return tf.function(getattr(self, name), autograph=False).get_concrete_function(**specs)


def _coordinates(places: tf.RaggedTensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Returns the (row, place) pairs int32 [n, 2] and places [n] of ragged places, without -1."""
    there = tf.where(places.flat_values > _NOWHERE)[:, 0]
    values = tf.gather(places.flat_values, there)
    rows = tf.gather(places.value_rowids(), there)
    return tf.stack([tf.cast(rows, tf.int32), values], axis=1), values


def _without(scores: tf.Tensor, places: tf.RaggedTensor | tf.Tensor) -> tf.Tensor:
    """Sets the scores [batch, catalogue] of places [batch, m] (-1: none) to the lowest float32."""
    if not isinstance(places, tf.RaggedTensor):
        places = tf.RaggedTensor.from_tensor(places)
    at, values = _coordinates(places)
    return tf.tensor_scatter_nd_update(scores, at, tf.fill(tf.shape(values), LOWEST))


def _unique(places: tf.Tensor) -> tf.RaggedTensor:
    """Drops -1 and repetitions from each row of places int32 [batch, m]."""
    ordered = tf.sort(places, axis=1)
    before = tf.pad(ordered, [[0, 0], [1, 0]], constant_values=_NOWHERE)[:, :-1]
    return tf.ragged.boolean_mask(ordered, (ordered > _NOWHERE) & (ordered != before))

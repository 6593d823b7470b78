"""The signatures of the exported model: raw ids in, the best movies of the catalogue out.

Names and inputs are those of components/contracts/saved_model.py; each is a method of Signatures.
"""

from __future__ import annotations

import tensorflow as tf

from components.contracts.examples import MOVIE_ID, SEEN_MOVIE_ID, USER_ID
from components.contracts.saved_model import (
    CATALOGUE_SIZE,
    KNOWN,
    KNOWN_USER,
    MATRIX_INPUTS,
    POPULAR,
    TOP,
    UNSEEN_POPULAR,
    UNSEEN_TOP,
    signature_inputs,
)
from components.trainer.export.index_model import NO_ROW, IndexModel, without

_Outputs = dict[str, tf.Tensor]


def trace_signatures(index: IndexModel) -> dict[str, tf.types.experimental.ConcreteFunction]:
    """Traces all signatures: name → concrete function of named string tensors."""
    functions = Signatures(index)
    traced = {}
    for name, inputs in signature_inputs(index.user_features).items():
        shapes = {key: [None, None] if (name, key) in MATRIX_INPUTS else [None] for key in inputs}
        specs = {key: tf.TensorSpec(shape, tf.string, key) for key, shape in shapes.items()}
        function = tf.function(getattr(functions, name), autograph=False)
        traced[name] = function.get_concrete_function(**specs)
    return traced


class Signatures:
    """One method for each signature; inputs are string [batch] unless said otherwise.

    A list has the outputs `movie_id` and `title`, string [batch, k], and `score`, float32
    [batch, k]; where fewer than k movies are left its tail is "" with the lowest finite score. The
    output `known`, bool [batch], is false where the model knows nothing of what was asked about:
    then the list is of popular movies.
    """

    def __init__(self, index: IndexModel) -> None:
        """Initializes the signatures of an index."""
        self._index = index

    def serving_default(self, user_id: tf.Tensor) -> _Outputs:
        """Recommends what the user has not seen; popular movies where the user is unknown."""
        scores, known, seen = self._user_scores(user_id)
        return self._list(without(scores, seen), known)

    def serving_raw(self, user_id: tf.Tensor) -> _Outputs:
        """Recommends without removing what the user has seen."""
        scores, known, _ = self._user_scores(user_id)
        return self._list(scores, known)

    def serving_exclude(self, user_id: tf.Tensor, exclude_movie_id: tf.Tensor) -> _Outputs:
        """Recommends what the user has not seen and is not in `exclude_movie_id` [batch, m]."""
        scores, known, seen = self._user_scores(user_id)
        excluded = self._index.rows(exclude_movie_id)
        return self._list(without(without(scores, seen), excluded), known)

    def similar_movies(self, movie_id: tf.Tensor) -> _Outputs:
        """Lists movies by the cosine of their embeddings, the popularity term left out.

        A movie without train interactions is not known: it has no embedding of its own.
        """
        index = self._index
        rows = index.rows(movie_id)
        vectors = index.candidates[:, : index.similarity_dim]
        norms = tf.norm(vectors, axis=1)
        queries = tf.gather(vectors, tf.maximum(rows, 0))
        products = tf.matmul(queries, vectors, transpose_b=True)
        scales = tf.maximum(tf.gather(norms, tf.maximum(rows, 0))[:, tf.newaxis] * norms, 1e-12)
        # Unrated movies share one untrained embedding: their similarity means nothing.
        rated = index.is_rated(tf.range(tf.shape(vectors)[0]))
        cosines = tf.where(rated, products / scales, -1.0)
        known = index.is_rated(rows)
        scores = tf.where(known[:, tf.newaxis], cosines, index.popularity)
        return self._list(without(scores, rows[:, tf.newaxis]), known)

    def recommend_from_history(self, movie_id: tf.Tensor) -> _Outputs:
        """Recommends from the movies that someone watched, `movie_id` [batch, m] padded with ""."""
        return self.recommend_from_profile(movie_id)

    def recommend_from_profile(self, movie_id: tf.Tensor, **features: tf.Tensor) -> _Outputs:
        """Recommends from movies as `recommend_from_history`, and features of the user.

        Args:
            movie_id: Movies that someone watched, [batch, m] padded with ""; there may be none.
            **features: A value for each user feature of the model, [batch]; one that is not in the
                vocabulary, such as "", is unknown. A user without rated movies and known values
                is not known, and gets the popular movies.
        """
        index, graph = self._index, self._index.graph
        rows = _unique(index.rows(movie_id))
        rated = tf.ragged.boolean_mask(
            rows, rows.with_flat_values(index.is_rated(rows.flat_values))
        )
        known = rated.row_lengths() > 0
        values = {name: graph.feature_index(name, features[name]) for name in features}
        for name, value in values.items():
            known |= value < len(graph.vocabulary(name))
        scores = index.scores(index.embed_history(rated, values), known, rated)
        return self._list(without(scores, rows), known)

    def serving_examples(self, examples: tf.Tensor) -> _Outputs:
        """Answers serialised user Examples, for the Evaluator and batch inference."""
        index = self._index
        spec = {
            USER_ID: tf.io.FixedLenFeature([], tf.string),
            SEEN_MOVIE_ID: tf.io.RaggedFeature(tf.string),
        }
        features = tf.io.parse_example(examples, spec)
        embedding, known, history = index.embed_users(features[USER_ID])
        scores = index.scores(embedding, known, history)
        seen_ids = features[SEEN_MOVIE_ID]
        seen = seen_ids.with_flat_values(index.rows(seen_ids.flat_values))
        batch = tf.shape(examples)[0]
        nothing = tf.RaggedTensor.from_row_splits(tf.zeros([0], tf.int32), [0, 0], validate=False)
        popular = index.popular.without(nothing, index.k)
        return {
            TOP: self._ids(scores),
            UNSEEN_TOP: self._ids(without(scores, seen)),
            POPULAR: tf.repeat(self._ids_of(popular), batch, axis=0),
            UNSEEN_POPULAR: self._ids_of(index.popular.without(seen, index.k)),
            KNOWN_USER: tf.cast(known, tf.int64)[:, tf.newaxis],
            CATALOGUE_SIZE: tf.ones([batch, 1], tf.int64) * index.movie_ids.shape[0],
        }

    def embed_query(self, user_id: tf.Tensor) -> _Outputs:
        """Embeds users; zeros for one that is unknown."""
        embedding, known, _ = self._index.embed_users(user_id)
        return {"embedding": tf.where(known[:, tf.newaxis], embedding, 0.0)}

    def embed_candidate(self, movie_id: tf.Tensor) -> _Outputs:
        """Embeds movies; one outside the catalogue gets the embedding of unrated movies."""
        rows = self._index.rows(movie_id)
        embedding = tf.gather(self._index.candidates, tf.maximum(rows, 0))
        known = (rows > NO_ROW)[:, tf.newaxis]
        return {"embedding": tf.where(known, embedding, self._index.unknown_candidate)}

    def _user_scores(self, user_id: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.RaggedTensor]:
        embedding, known, seen = self._index.embed_users(user_id)
        return self._index.scores(embedding, known, seen), known, seen

    def _list(self, scores: tf.Tensor, known: tf.Tensor) -> _Outputs:
        scores, rows, present = self._index.best(scores)
        titles = tf.where(present, tf.gather(self._index.titles, rows), "")
        movie_ids = self._gather_ids(rows, present)
        return {MOVIE_ID: movie_ids, "title": titles, "score": scores, KNOWN: known}

    def _ids(self, scores: tf.Tensor) -> tf.Tensor:
        _, rows, present = self._index.best(scores)
        return self._gather_ids(rows, present)

    def _ids_of(self, rows: tf.Tensor) -> tf.Tensor:
        return self._gather_ids(tf.maximum(rows, 0), rows > NO_ROW)

    def _gather_ids(self, rows: tf.Tensor, present: tf.Tensor) -> tf.Tensor:
        return tf.where(present, tf.gather(self._index.movie_ids, rows), "")


def _unique(rows: tf.Tensor) -> tf.RaggedTensor:
    """Drops -1 and repetitions from each user's rows, int32 [batch, m]."""
    ordered = tf.sort(rows, axis=1)
    before = tf.pad(ordered, [[0, 0], [1, 0]], constant_values=NO_ROW)[:, :-1]
    return tf.ragged.boolean_mask(ordered, (ordered > NO_ROW) & (ordered != before))

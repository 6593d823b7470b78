"""The signatures of the exported model: raw ids in, the best movies of the catalogue out.

Names and inputs are those of components/contracts/saved_model.py; each is a method of Signatures.
"""

from __future__ import annotations

import tensorflow as tf

from components.contracts.examples import MOVIE_ID, SEEN_MOVIE_ID, USER_ID
from components.contracts.saved_model import (
    CATALOGUE_SIZE,
    INDEX_RECALL,
    KNOWN,
    KNOWN_USER,
    MATRIX_INPUTS,
    POPULAR,
    TOP,
    UNSEEN_POPULAR,
    UNSEEN_TOP,
    signature_inputs,
)
from components.trainer.export.index_model import IndexModel
from components.trainer.export.recall import is_measured, list_recall
from components.trainer.export.scores import LOWEST, NO_ROW, Best, Scores

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
        embedding, known, seen = self._index.embed_users(user_id)
        scores = self._index.scores(embedding, seen)
        return self._list(scores.without(seen), known, seen)

    def serving_raw(self, user_id: tf.Tensor) -> _Outputs:
        """Recommends without removing what the user has seen."""
        embedding, known, seen = self._index.embed_users(user_id)
        return self._list(self._index.scores(embedding, seen), known, seen[:, :0])

    def serving_exclude(self, user_id: tf.Tensor, exclude_movie_id: tf.Tensor) -> _Outputs:
        """Recommends what the user has not seen and is not in `exclude_movie_id` [batch, m]."""
        embedding, known, seen = self._index.embed_users(user_id)
        excluded = tf.RaggedTensor.from_tensor(self._index.rows(exclude_movie_id))
        scores = self._index.scores(embedding, seen, tf.shape(exclude_movie_id)[1])
        removed = tf.concat([seen, excluded], axis=1)
        return self._list(scores.without(removed), known, removed)

    def similar_movies(self, movie_id: tf.Tensor) -> _Outputs:
        """Lists movies by the cosine of their embeddings, the popularity term left out.

        A movie without train interactions is not known: it has no embedding of its own.
        """
        rows = self._index.rows(movie_id)
        itself = tf.RaggedTensor.from_tensor(rows[:, tf.newaxis])
        scores = self._index.similar(tf.maximum(rows, 0))
        return self._list(scores.without(itself), self._index.is_rated(rows), itself)

    def recommend_from_history(self, movie_id: tf.Tensor) -> _Outputs:
        """Recommends from the movies that someone watched, `movie_id` [batch, m] padded with "".

        The oldest comes first; it matters to a model that reads histories in order. Of a movie that
        is there several times the last one counts.
        """
        return self.recommend_from_profile(movie_id)

    def recommend_from_profile(self, movie_id: tf.Tensor, **features: tf.Tensor) -> _Outputs:
        """Recommends from movies as `recommend_from_history`, and features of the user.

        Args:
            movie_id: Movies that someone watched, oldest first, [batch, m] padded with ""; there
                may be none.
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
        embedding = index.embed_history(rated, values)
        unrated = tf.cast(rows.row_lengths() - rated.row_lengths(), tf.int32)
        scores = index.scores(embedding, rated, unrated)
        return self._list(scores.without(rows), known, rows)

    def serving_examples(self, examples: tf.Tensor) -> _Outputs:
        """Answers serialised user Examples, for the Evaluator.

        Of an approximate index it also says how much of the exact list a user gets, see recall.py.
        """
        index = self._index
        spec = {
            USER_ID: tf.io.FixedLenFeature([], tf.string),
            SEEN_MOVIE_ID: tf.io.RaggedFeature(tf.string),
        }
        features = tf.io.parse_example(examples, spec)
        embedding, known, history = index.embed_users(features[USER_ID])
        seen_ids = features[SEEN_MOVIE_ID]
        seen = seen_ids.with_flat_values(index.rows(seen_ids.flat_values))
        others = tf.sets.size(tf.sets.difference(seen.to_sparse(), history.to_sparse()))
        scores = index.scores(embedding, history, others)
        unseen = self._best(scores.without(seen), known, seen)
        outputs = {
            TOP: self._ids(self._best(scores, known, seen[:, :0])),
            UNSEEN_TOP: self._ids(unseen),
            POPULAR: self._ids(index.popular.lists(index.k, seen[:, :0]).best(index.k)),
            UNSEEN_POPULAR: self._ids(index.popular.lists(index.k, seen).best(index.k)),
            KNOWN_USER: tf.cast(known, tf.int64)[:, tf.newaxis],
            CATALOGUE_SIZE: tf.ones_like(known, tf.int64)[:, tf.newaxis] * index.movie_ids.shape[0],
        }
        if index.index.is_exact:
            return outputs

        def exact(users: tf.Tensor) -> Best:
            asked = tf.gather(history, users)
            scores = index.scores(
                tf.gather(embedding, users), asked, tf.gather(others, users), exactly=True
            )
            return scores.without(tf.gather(seen, users)).best(index.k)

        measured = is_measured(features[USER_ID], known, index.users)
        recall = list_recall(unseen, exact, measured)
        return {**outputs, INDEX_RECALL: recall[:, tf.newaxis]}

    def embed_query(self, user_id: tf.Tensor) -> _Outputs:
        """Embeds users; zeros for one that is unknown."""
        embedding, known, _ = self._index.embed_users(user_id)
        return {"embedding": tf.where(known[:, tf.newaxis], embedding, 0.0)}

    def embed_candidate(self, movie_id: tf.Tensor) -> _Outputs:
        """Embeds movies; one outside the catalogue gets the embedding of unrated movies."""
        rows = self._index.rows(movie_id)
        embedding = self._index.index.gather(tf.maximum(rows, 0))
        known = (rows > NO_ROW)[:, tf.newaxis]
        return {"embedding": tf.where(known, embedding, self._index.unknown_candidate)}

    def _list(self, scores: Scores, known: tf.Tensor, removed: tf.RaggedTensor) -> _Outputs:
        best = self._best(scores, known, removed)
        titles = tf.gather(self._index.titles, tf.maximum(best[1], 0))
        return {
            MOVIE_ID: self._ids(best),
            "title": tf.where(best[0] > LOWEST, titles, ""),
            "score": best[0],
            KNOWN: known,
        }

    def _best(self, scores: Scores, known: tf.Tensor, removed: tf.RaggedTensor) -> Best:
        """Returns the best of the scores, and of popular movies where nothing is known.

        Args:
            scores: Without what is removed.
            known: Whether the model knows what was asked about, bool [batch].
            removed: Rows that no list is to have, ragged int32 [batch, None].
        """
        k = self._index.k
        of_model, popular = scores.best(k), self._index.popular.lists(k, removed).best(k)
        known = known[:, tf.newaxis]
        return tf.where(known, of_model[0], popular[0]), tf.where(known, of_model[1], popular[1])

    def _ids(self, best: Best) -> tf.Tensor:
        ids = tf.gather(self._index.movie_ids, tf.maximum(best[1], 0))
        return tf.where(best[0] > LOWEST, ids, "")


def _unique(rows: tf.Tensor) -> tf.RaggedTensor:
    """Drops -1 and repetitions from each user's rows, int32 [batch, m]; the last time counts.

    The order stays.
    """
    order = tf.argsort(rows, axis=1, stable=True)
    ordered = tf.gather(rows, order, batch_dims=1)
    after = tf.pad(ordered, [[0, 0], [0, 1]], constant_values=NO_ROW)[:, 1:]
    kept = (ordered > NO_ROW) & (ordered != after)
    return tf.ragged.boolean_mask(rows, tf.gather(kept, tf.argsort(order, axis=1), batch_dims=1))

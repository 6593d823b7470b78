"""A tiny index model in plain TensorFlow with all signatures of an exported one.

Four users, twelve movies (so k is 12 and every list of a known user has a filled tail), embeddings
by chance. Tests break one method at a time.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from components.serving_check.request import contract

CATALOGUE = {f"m{number}": f"Movie {number} (1995)" for number in range(12)} | {"m3": "L'été ★"}
SEEN = {
    "u0": ["m0", "m1"],
    "u1": ["m2"],
    "u2": [f"m{number}" for number in range(11)],
    "u3": ["m5"],
}
COUNTS = np.array([50, 40, 30, 20, 10, 9, 8, 7, 6, 5, 4, 0.5])
LOWEST = tf.float32.min
INPUTS = {
    "serving_default": {"user_id": 1},
    "serving_raw": {"user_id": 1},
    "serving_exclude": {"user_id": 1, "exclude_movie_id": 2},
    "similar_movies": {"movie_id": 1},
    "recommend_from_history": {"movie_id": 2},
    "serving_examples": {"examples": 1},
    "embed_query": {"user_id": 1},
    "embed_candidate": {"movie_id": 1},
}


def request(**changes: Any) -> dict[str, Any]:
    """Returns the probe's request about this world."""
    return {
        "users": [{"user_id": user, "seen": movies} for user, movies in SEEN.items()],
        "unknown_users": ["nobody", ""],
        "catalogue": CATALOGUE,
        "large_batch": 50,
        "max_latency_ms": 5000.0,
        **contract(),
    } | changes


def _table(keys: list[str]) -> tf.lookup.StaticHashTable:
    initial = tf.lookup.KeyValueTensorInitializer(keys, tf.range(len(keys)))
    return tf.lookup.StaticHashTable(initial, default_value=-1)


class TinyIndex(tf.Module):
    """Right in everything."""

    def __init__(self) -> None:
        super().__init__()
        rng = np.random.default_rng(0)
        movies = list(CATALOGUE)
        self.users, self.places = _table(list(SEEN)), _table(movies)
        self.movie_ids, self.titles = tf.constant(movies), tf.constant(list(CATALOGUE.values()))
        self.queries = tf.constant(rng.normal(size=[len(SEEN), 5]), tf.float32)
        self.candidates = tf.constant(rng.normal(size=[len(movies), 5]), tf.float32)
        self.popularity = tf.constant(np.log(COUNTS / COUNTS.sum()), tf.float32)
        self.seen = tf.constant(
            [[float(movie in seen) for movie in movies] for seen in SEEN.values()]
        )

    def known(self, user_id: tf.Tensor) -> tf.Tensor:
        return (self.users.lookup(user_id) >= 0)[:, tf.newaxis]

    def scores(self, user_id: tf.Tensor) -> tf.Tensor:
        products = tf.matmul(self.query(user_id), self.candidates, transpose_b=True)
        return tf.where(self.known(user_id), products, self.popularity)

    def query(self, user_id: tf.Tensor) -> tf.Tensor:
        return tf.gather(self.queries, tf.maximum(self.users.lookup(user_id), 0))

    def seen_by(self, user_id: tf.Tensor) -> tf.Tensor:
        rows = tf.gather(self.seen, tf.maximum(self.users.lookup(user_id), 0))
        return tf.where(self.known(user_id), rows, 0.0) > 0

    def members(self, movie_id: tf.Tensor) -> tf.Tensor:
        """Says which movies of the catalogue are in movie_id [batch, m]: bool [batch, 12]."""
        return tf.reduce_any(movie_id[:, :, tf.newaxis] == self.movie_ids, axis=1)

    def of_user(self, user_id: tf.Tensor, answer: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        return {**answer, "known": self.known(user_id)[:, 0]}

    def best(self, scores: tf.Tensor, removed: tf.Tensor | None = None) -> dict[str, tf.Tensor]:
        if removed is not None:
            scores = tf.where(removed, LOWEST, scores)
        scores, positions = tf.math.top_k(scores, len(CATALOGUE))
        there = scores > LOWEST
        return {
            "movie_id": tf.where(there, tf.gather(self.movie_ids, positions), ""),
            "title": tf.where(there, tf.gather(self.titles, positions), ""),
            "score": scores,
        }

    def popular(self, like: tf.Tensor) -> tf.Tensor:
        return tf.repeat(self.popularity[tf.newaxis], tf.shape(like)[0], axis=0)

    def serving_default(self, user_id: tf.Tensor) -> dict[str, tf.Tensor]:
        return self.of_user(user_id, self.best(self.scores(user_id), self.seen_by(user_id)))

    def serving_raw(self, user_id: tf.Tensor) -> dict[str, tf.Tensor]:
        return self.of_user(user_id, self.best(self.scores(user_id)))

    def serving_exclude(
        self, user_id: tf.Tensor, exclude_movie_id: tf.Tensor
    ) -> dict[str, tf.Tensor]:
        removed = self.seen_by(user_id) | self.members(exclude_movie_id)
        return self.of_user(user_id, self.best(self.scores(user_id), removed))

    def similar_movies(self, movie_id: tf.Tensor) -> dict[str, tf.Tensor]:
        positions = self.places.lookup(movie_id)
        vectors = tf.math.l2_normalize(self.candidates, axis=1)
        cosines = tf.gather(vectors, tf.maximum(positions, 0)) @ tf.transpose(vectors)
        scores = tf.where((positions >= 0)[:, tf.newaxis], cosines, self.popularity)
        return {**self.best(scores, self.members(movie_id[:, tf.newaxis])), "known": positions >= 0}

    def recommend_from_history(self, movie_id: tf.Tensor) -> dict[str, tf.Tensor]:
        members = self.members(movie_id)
        weights = tf.cast(members, tf.float32)
        some = tf.reduce_any(members, axis=1, keepdims=True)
        scores = weights @ self.candidates @ tf.transpose(self.candidates)
        answer = self.best(tf.where(some, scores, self.popularity), members)
        return {**answer, "known": some[:, 0]}

    def serving_examples(self, examples: tf.Tensor) -> dict[str, tf.Tensor]:
        spec = {
            "user_id": tf.io.FixedLenFeature([], tf.string),
            "seen_movie_id": tf.io.RaggedFeature(tf.string),
        }
        features = tf.io.parse_example(examples, spec)
        user_id, seen = features["user_id"], self.members(features["seen_movie_id"].to_tensor())
        scores, popular = self.scores(user_id), self.popular(user_id)
        return {
            "top_movie_id": self.best(scores)["movie_id"],
            "unseen_top_movie_id": self.best(scores, seen)["movie_id"],
            "popular_movie_id": self.best(popular)["movie_id"],
            "unseen_popular_movie_id": self.best(popular, seen)["movie_id"],
            "known_user": tf.cast(self.known(user_id), tf.int64),
            "catalogue_size": 12 * tf.ones_like(self.known(user_id), tf.int64),
        }

    def embed_query(self, user_id: tf.Tensor) -> dict[str, tf.Tensor]:
        return {"embedding": self.query(user_id)}

    def embed_candidate(self, movie_id: tf.Tensor) -> dict[str, tf.Tensor]:
        positions = tf.maximum(self.places.lookup(movie_id), 0)
        return {"embedding": tf.gather(self.candidates, positions)}

    @property
    def signatures(self) -> dict[str, Signature]:
        """Signatures as a loaded model has them, run eagerly."""
        return {name: Signature(getattr(self, name), inputs) for name, inputs in INPUTS.items()}

    def save(self, path: Path) -> None:
        concrete = {}
        for name, inputs in INPUTS.items():
            specs = [
                tf.TensorSpec([None] * rank, tf.string, name=key) for key, rank in inputs.items()
            ]
            function = tf.function(getattr(self, name), autograph=False)
            concrete[name] = function.get_concrete_function(*specs)
        tf.saved_model.save(self, str(path), signatures=concrete)


class Signature:
    """Called with named tensors like a signature of a loaded model."""

    def __init__(
        self, function: Callable[..., dict[str, tf.Tensor]], inputs: dict[str, int]
    ) -> None:
        self.function = function
        self.structured_input_signature = ((), dict.fromkeys(inputs))

    def __call__(self, **inputs: tf.Tensor) -> dict[str, tf.Tensor]:
        return self.function(**inputs)

"""A SavedModel as the pipeline exports it, but of a few movies and saved within a second.

Every title ends with a mark, so that an answer tells which version gave it.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import tensorflow as tf

USERS = ("u0", "u1", "u/2", "ü 3")
MOVIES = ("m0", "m1", "m2", "m3", "m4", "m5")
K = 5
# User u0 has seen m0 and m3, in this order; the others nothing.
SEEN_BY_U0 = ("m0", "m3")


class TinyModel(tf.Module):
    """Recommends the movies in the order of the catalogue, without m0 for known users."""

    def __init__(self, mark: str, titles: tuple[str, ...] = ()) -> None:
        super().__init__()
        titles = titles or tuple(f"Movie {movie}" for movie in MOVIES)
        self.movie_ids = tf.Variable(list(MOVIES), trainable=False)
        self.titles = tf.Variable([f"{title} ({mark})" for title in titles], trainable=False)
        # m5 is the most popular, m0 the least.
        self.popularity = tf.Variable([float(n) for n in range(len(MOVIES))], trainable=False)
        self._history_values = tf.Variable([0, 3], dtype=tf.int32, trainable=False)
        self._history_splits = tf.Variable([0, 2, 2, 2, 2, 2], dtype=tf.int64, trainable=False)
        self._row_of_index = tf.Variable([*range(len(MOVIES)), -1], dtype=tf.int32, trainable=False)
        self._users = tf.constant(USERS)
        self._movies = tf.constant(MOVIES)

    def _list(self, scores: tf.Tensor, known: tf.Tensor) -> dict[str, tf.Tensor]:
        values, rows = tf.math.top_k(scores, K)
        there = values > -100.0
        return {
            "movie_id": tf.where(there, tf.gather(self.movie_ids, rows), ""),
            "title": tf.where(there, tf.gather(self.titles, rows), ""),
            "score": values,
            "known": known,
        }

    def _scores(self, known: tf.Tensor) -> tf.Tensor:
        """A known user gets m0, m1, …; an unknown one the popular m5, m4, …."""
        order = -tf.range(float(len(MOVIES)))
        return tf.where(known[:, tf.newaxis], order, self.popularity)

    def _without(self, scores: tf.Tensor, movies: tf.Tensor) -> tf.Tensor:
        excluded = tf.reduce_any(movies[:, :, tf.newaxis] == self._movies, axis=1)
        return tf.where(excluded, -1000.0, scores)

    def _known(self, user_id: tf.Tensor) -> tf.Tensor:
        return tf.reduce_any(user_id[:, tf.newaxis] == self._users, axis=1)

    def serving_default(self, user_id: tf.Tensor) -> dict[str, tf.Tensor]:
        known = self._known(user_id)
        return self._list(self._scores(known), known)

    def serving_exclude(
        self, user_id: tf.Tensor, exclude_movie_id: tf.Tensor
    ) -> dict[str, tf.Tensor]:
        known = self._known(user_id)
        return self._list(self._without(self._scores(known), exclude_movie_id), known)

    def similar_movies(self, movie_id: tf.Tensor) -> dict[str, tf.Tensor]:
        known = tf.reduce_any(movie_id[:, tf.newaxis] == self._movies, axis=1)
        return self._list(self._without(self._scores(known), movie_id[:, tf.newaxis]), known)

    def recommend_from_history(self, movie_id: tf.Tensor) -> dict[str, tf.Tensor]:
        known = tf.reduce_any(movie_id[:, :, tf.newaxis] == self._movies, axis=[1, 2])
        return self._list(self._without(self._scores(known), movie_id), known)

    def serving_examples(self, examples: tf.Tensor) -> dict[str, tf.Tensor]:
        spec = {"user_id": tf.io.FixedLenFeature([], tf.string)}
        users = tf.io.parse_example(examples, spec)["user_id"]
        return {"top_movie_id": tf.repeat(self.movie_ids[tf.newaxis, :K], tf.size(users), 0)}


_MATRIX = {("serving_exclude", "exclude_movie_id"), ("recommend_from_history", "movie_id")}
_INPUTS = {
    "serving_default": ("user_id",),
    "serving_exclude": ("user_id", "exclude_movie_id"),
    "similar_movies": ("movie_id",),
    "recommend_from_history": ("movie_id",),
    "serving_examples": ("examples",),
}


def save_model(path: Path, mark: str, titles: tuple[str, ...] = ()) -> Path:
    """Writes the model to a folder as the Trainer would, vocabulary and catalogue too."""
    model = TinyModel(mark, titles)
    traced = {}
    for name, inputs in _INPUTS.items():
        shapes = {key: [None, None] if (name, key) in _MATRIX else [None] for key in inputs}
        specs = {key: tf.TensorSpec(shape, tf.string, key) for key, shape in shapes.items()}
        function = tf.function(getattr(model, name), autograph=False)
        traced[name] = function.get_concrete_function(**specs)
    tf.saved_model.save(model, str(path), signatures=traced)
    (path / "assets").mkdir(exist_ok=True)
    (path / "assets" / "user_id").write_text("\n".join(USERS) + "\n", encoding="utf-8")
    (path / "assets.extra").mkdir(exist_ok=True)
    lines = [{"movie_id": movie, "year": 2000, "genres": ["Drama"]} for movie in MOVIES[:-1]]
    text = "".join(json.dumps(line) + "\n" for line in lines)
    (path / "assets.extra" / "catalogue.jsonl").write_text(text, encoding="utf-8")
    return path


def copy_model(model: Path, serving: Path, version: int) -> Path:
    """Copies a saved model to a version, which appears in one step."""
    aside = serving / f".incoming-{version}"
    shutil.copytree(model, aside)
    return aside.rename(serving / str(version))

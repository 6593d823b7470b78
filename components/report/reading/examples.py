"""Reads Examples for counts and samples, a batch at a time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from typing import Any

import pyarrow as pa
import tensorflow as tf

from components.report.facts import Ratings

BATCH = 1024
USER_FEATURES = ("gender", "age", "occupation")
_LISTS = {"movie_id": tf.io.RaggedFeature(tf.string), "user_id": tf.io.RaggedFeature(tf.string)}


def read_ratings(train_files: Sequence[str], movie_files: Sequence[str]) -> Ratings:
    """Counts the ratings of the split train by user and by movie.

    Args:
        train_files: User Examples.
        movie_files: Movie Examples.
    """
    users: list[str] = []
    by_user: list[int] = []
    by_movie: Counter[str] = Counter()
    for batch in _batches(train_files):
        parsed = tf.io.parse_example(batch, _LISTS)
        users += _texts(parsed["user_id"].flat_values)
        by_user += parsed["movie_id"].row_lengths().numpy().tolist()
        movies = pa.array(parsed["movie_id"].flat_values.numpy(), pa.binary())
        for counted in movies.value_counts().to_pylist():
            by_movie[_text(counted["values"])] += counted["counts"]
    return Ratings(users, by_user, dict(by_movie), read_titles(movie_files))


def read_titles(movie_files: Sequence[str]) -> dict[str, str]:
    """Returns the title of each movie of the catalogue; empty where it has none."""
    titles = {}
    for record in _batches(movie_files, 1):
        example = tf.train.Example.FromString(record.numpy()[0])
        titles[_first(example, "movie_id")] = _first(example, "title")
    return titles


def read_users(files: Sequence[str], users: Collection[str]) -> dict[str, dict[str, Any]]:
    """Returns the Examples of a few users as plain dicts.

    Args:
        files: User Examples of one split.
        users: Ids to look for.

    Returns:
        By user id: `movies` and `ratings`, as many as each other, and `features`, those of the
        user that are known.
    """
    wanted = {user.encode() for user in users}
    found = {}
    for batch in _batches(files) if wanted else ():
        ids = tf.io.parse_example(batch, {"user_id": _LISTS["user_id"]})["user_id"].to_list()
        for place, user in enumerate(ids):
            if user and user[0] in wanted:
                example = tf.train.Example.FromString(batch[place].numpy())
                found[_text(user[0])] = _plain(example)
    return found


def _plain(example: tf.train.Example) -> dict[str, Any]:
    features = example.features.feature
    known = {name: _first(example, name) for name in USER_FEATURES}
    return {
        "movies": [_text(value) for value in features["movie_id"].bytes_list.value],
        "ratings": list(features["rating"].float_list.value),
        "features": {name: value for name, value in known.items() if value},
    }


def _batches(files: Sequence[str], size: int = BATCH) -> Iterator[tf.Tensor]:
    """Yields serialised Examples, string [size] (the last batch may be smaller)."""
    yield from tf.data.TFRecordDataset(list(files), compression_type="GZIP").batch(size)


def _first(example: tf.train.Example, name: str) -> str:
    values = example.features.feature[name].bytes_list.value
    return _text(values[0]) if values else ""


def _texts(values: tf.Tensor) -> list[str]:
    return [_text(value) for value in values.numpy()]


def _text(value: bytes) -> str:
    return value.decode("utf-8", errors="replace")

"""Reads Examples for counts and samples, a batch at a time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from typing import Any

import pyarrow as pa
import tensorflow as tf

from components.contracts import example_readers
from components.contracts.examples import MOVIE_ID, RATING, USER_FEATURES, USER_ID
from components.report.facts import Ratings

# Bytes that are not UTF-8 are shown as U+FFFD.
_ERRORS = "replace"


def read_ratings(train_files: Sequence[str], movie_files: Sequence[str]) -> Ratings:
    """Counts the ratings of the split train by user and by movie.

    Args:
        train_files: User Examples.
        movie_files: Movie Examples.
    """
    users: list[str] = []
    by_user: list[int] = []
    by_movie: Counter[str] = Counter()
    spec = {name: tf.io.RaggedFeature(tf.string) for name in (USER_ID, MOVIE_ID)}
    for batch in example_readers.parsed_batches(train_files, spec):
        users += [to_text(user) for user in batch[USER_ID].flat_values.numpy()]
        by_user += batch[MOVIE_ID].row_lengths().numpy().tolist()
        movies = pa.array(batch[MOVIE_ID].flat_values.numpy(), pa.binary())
        for counted in movies.value_counts().to_pylist():
            by_movie[to_text(counted["values"])] += counted["counts"]
    titles = example_readers.read_titles(movie_files, _ERRORS)
    return Ratings(users, by_user, dict(by_movie), titles)


def read_users(files: Sequence[str], users: Collection[str]) -> dict[str, dict[str, Any]]:
    """Returns the Examples of a few users as plain dicts.

    Args:
        files: User Examples of one split.
        users: Ids to look for.

    Returns:
        By user id: `movies` and `ratings`, of equal length, and `features`, the user features
        that have a value.
    """
    wanted = {user.encode() for user in users}
    rows: dict[str, dict[str, Any]] = {}
    spec = {USER_ID: tf.io.RaggedFeature(tf.string)}
    for batch in example_readers.records(files).batch(example_readers.BATCH) if wanted else ():
        ids = tf.io.parse_example(batch, spec)[USER_ID].to_list()
        for row, user in enumerate(ids):
            if user and user[0] in wanted:
                example = tf.train.Example.FromString(batch[row].numpy())
                rows[to_text(user[0])] = _to_dict(example)
    return rows


def to_text(value: bytes) -> str:
    """Returns bytes as text for display."""
    return example_readers.to_text(value, _ERRORS)


def _to_dict(example: tf.train.Example) -> dict[str, Any]:
    values = {name: example_readers.texts(example, name, _ERRORS) for name in USER_FEATURES}
    return {
        "movies": example_readers.texts(example, MOVIE_ID, _ERRORS),
        "ratings": list(example.features.feature[RATING].float_list.value),
        "features": {name: texts[0] for name, texts in values.items() if texts and texts[0]},
    }

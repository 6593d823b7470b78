"""What the probe is to ask: taken from the Examples on which the model was trained."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import tensorflow as tf

from components.errors import DataError
from components.serving_check.config import ServingCheckConfig

UNKNOWN_USERS = ("serving-check-nobody", "serving-check-no-one", "")
_BLOCK = 4096
# Users times movies of the large batch: about 400 MB while a model works on it.
_MAX_SCORES = 8_000_000
_USER = {
    "user_id": tf.io.FixedLenFeature([], tf.string),
    "movie_id": tf.io.RaggedFeature(tf.string),
}
_MOVIE = {
    "movie_id": tf.io.FixedLenFeature([], tf.string),
    "title": tf.io.FixedLenFeature([], tf.string, default_value=""),
}


def make_request(
    train_files: Sequence[str], movie_files: Sequence[str], config: ServingCheckConfig
) -> dict[str, Any]:
    """Returns the probe's request, ready for JSON.

    Args:
        train_files: gzip TFRecords of user Examples, the split train.
        movie_files: gzip TFRecords of movie Examples.
        config: how many users are asked for, and what is accepted.

    Raises:
        DataError: if there is no user or no movie.
    """
    users = read_users(train_files, config.users)
    catalogue = read_catalogue(movie_files)
    if not users or not catalogue:
        missing = "user in the split train" if not users else "movie in the catalogue"
        raise DataError(f"serving check: there is no {missing}; it needs at least one")
    return {
        "users": users,
        "unknown_users": list(UNKNOWN_USERS),
        "catalogue": catalogue,
        "large_batch": min(config.large_batch, max(1, _MAX_SCORES // len(catalogue))),
        "max_latency_ms": config.max_latency_ms,
    }


def read_users(files: Sequence[str], count: int) -> list[dict[str, Any]]:
    """Returns user_id and the movies seen of the first users."""
    records = _records(files).take(count)
    users = []
    for block in records.batch(_BLOCK):
        parsed = tf.io.parse_example(block, _USER)
        pairs = zip(parsed["user_id"].numpy(), parsed["movie_id"].to_list(), strict=True)
        users += [
            {"user_id": to_text(user), "seen": [to_text(movie) for movie in movies]}
            for user, movies in pairs
        ]
    return users


def read_catalogue(files: Sequence[str]) -> dict[str, str]:
    """Returns movie id → title; of a movie that is listed twice the first title."""
    catalogue: dict[str, str] = {}
    for block in _records(files).batch(_BLOCK):
        parsed = tf.io.parse_example(block, _MOVIE)
        for movie, title in zip(parsed["movie_id"].numpy(), parsed["title"].numpy(), strict=True):
            catalogue.setdefault(to_text(movie), to_text(title))
    return catalogue


def to_text(value: bytes) -> str:
    """Returns bytes as text that JSON takes; the probe turns it back into the same bytes."""
    return value.decode("utf-8", "surrogateescape")


def _records(files: Sequence[str]) -> tf.data.Dataset:
    return tf.data.TFRecordDataset(list(files), compression_type="GZIP")

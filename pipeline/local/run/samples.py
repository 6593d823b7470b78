"""Recommendations of the pushed model for one user, beside what that user rated best."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import tensorflow as tf


@dataclass(frozen=True)
class UserSample:
    """One user's taste and what the model makes of it.

    Attributes:
        user_id: Raw id.
        rated_best: Titles of the user's best-rated train movies, with the rating.
        recommended: Titles of the model's first recommendations.
    """

    user_id: str
    rated_best: list[tuple[str, float]]
    recommended: list[str]


def sample_user(model: Path, train: Path, movies: Path, count: int = 5) -> UserSample:
    """Returns the recommendations of the model for the first user of train.

    Args:
        model: Folder of the pushed SavedModel.
        train: Folder of the train Examples.
        movies: Folder of the movie Examples.
        count: Titles to show.
    """
    user = next(iter(_examples(train)))
    titles = {
        _strings(movie, "movie_id")[0]: _strings(movie, "title")[0] for movie in _examples(movies)
    }
    user_id = _strings(user, "user_id")[0]
    ratings = list(user.features.feature["rating"].float_list.value)
    rated = sorted(zip(ratings, _strings(user, "movie_id"), strict=True), key=lambda pair: -pair[0])
    served = tf.saved_model.load(str(model)).signatures["serving_default"]
    answer = served(user_id=tf.constant([user_id]))["title"].numpy()[0]
    return UserSample(
        user_id,
        [(titles.get(movie, movie), rating) for rating, movie in rated[:count]],
        [title.decode("utf-8") for title in answer[:count]],
    )


def _examples(folder: Path) -> list[tf.train.Example]:
    """Reads the Examples of a split."""
    files = sorted(str(path) for path in folder.glob("*.gz"))
    records = tf.data.TFRecordDataset(files, compression_type="GZIP")
    return [tf.train.Example.FromString(record) for record in records.as_numpy_iterator()]


def _strings(example: tf.train.Example, name: str) -> list[str]:
    return [value.decode("utf-8") for value in example.features.feature[name].bytes_list.value]

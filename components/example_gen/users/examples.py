"""Users and movies as serialised tf.Examples."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping

import numpy as np
import tensorflow as tf

from components.contracts.examples import (
    ACTIVITY,
    GENRES,
    MOVIE_ID,
    RATING,
    SEEN_MOVIE_ID,
    TIMESTAMP,
    TITLE,
    USER_ID,
    YEAR,
)
from components.example_gen.sources.catalogue import Movie
from components.example_gen.users.interactions import Interactions

# Lower bounds of the buckets of train interactions, and their names.
ACTIVITY_FROM = (0, 1, 20, 50, 100, 200)
ACTIVITY_NAMES = ("0", "1-19", "20-49", "50-99", "100-199", "200+")


class _Example:
    """A tf.Example that is being filled: three times as fast as passing lists to constructors."""

    def __init__(self) -> None:
        self._example = tf.train.Example()
        self._features = self._example.features.feature

    def add_bytes(self, name: str, values: list[bytes]) -> None:
        feature = self._features[name].bytes_list
        feature.SetInParent()  # so that an empty list is present too
        feature.value.extend(values)

    def add_floats(self, name: str, values: list[float]) -> None:
        self._features[name].float_list.value.extend(values)

    def add_ints(self, name: str, values: list[int]) -> None:
        feature = self._features[name].int64_list
        feature.SetInParent()
        feature.value.extend(values)

    def serialize(self) -> bytes:
        """Returns the Example with its features in the order of their names."""
        return bytes(self._example.SerializeToString(deterministic=True))


def movie_example(movie: Movie) -> bytes:
    """Returns the movie's tf.Example: movie_id, title, genres [g], year [0 or 1]."""
    example = _Example()
    example.add_bytes(MOVIE_ID, [movie.movie_id.encode()])
    example.add_bytes(TITLE, [movie.title.encode()])
    example.add_bytes(GENRES, [genre.encode() for genre in movie.genres])
    example.add_ints(YEAR, [] if movie.year is None else [movie.year])
    return example.serialize()


def activity(train_interactions: int) -> str:
    """Returns the name of the bucket that a number of train interactions falls into."""
    return ACTIVITY_NAMES[bisect_right(ACTIVITY_FROM, train_interactions) - 1]


class _SplitRows:
    """The interactions of one split as lists, to be cut into users."""

    def __init__(self, data: Interactions, mask: np.ndarray) -> None:
        movies = np.array([movie.encode() for movie in data.movies], object)
        self._offsets = np.searchsorted(data.user[mask], np.arange(len(data.users) + 1)).tolist()
        self._movies: list[bytes] = movies[data.movie[mask]].tolist()
        self._ratings: list[float] = data.rating[mask].tolist()
        self._timestamps: list[int] = data.timestamp[mask].tolist()

    def _rows(self, user: int) -> slice:
        return slice(self._offsets[user], self._offsets[user + 1])

    def movies(self, user: int) -> list[bytes]:
        """Returns the ids of the user's movies."""
        return self._movies[self._rows(user)]

    def example(self, user: int, about: Mapping[str, str]) -> _Example:
        """Returns the user's Example: the features `about` and the interactions."""
        example, rows = _Example(), self._rows(user)
        for name, value in about.items():
            example.add_bytes(name, [value.encode()])
        example.add_bytes(MOVIE_ID, self._movies[rows])
        example.add_floats(RATING, self._ratings[rows])
        example.add_ints(TIMESTAMP, self._timestamps[rows])
        return example


def user_examples(
    data: Interactions, held_out: np.ndarray, user_features: Mapping[str, Mapping[str, str]]
) -> Iterator[tuple[bytes | None, bytes | None]]:
    """Yields for each user the train and the eval tf.Example; None where there are no interactions.

    Both have user_id, activity, the user's features, and movie_id, rating and timestamp [n] of the
    split; that of eval has the user's train movies too, as seen_movie_id [m].

    Args:
        data: All interactions of the users.
        held_out: bool [n], which of them are eval.
        user_features: User id → feature name → value, for the users that have any.
    """
    train, held = _SplitRows(data, ~held_out), _SplitRows(data, held_out)
    for user, user_id in enumerate(data.users):
        seen = train.movies(user)
        about = {**user_features.get(user_id, {}), USER_ID: user_id, ACTIVITY: activity(len(seen))}
        train_example = held_example = None
        if seen:
            train_example = train.example(user, about).serialize()
        if held.movies(user):
            example = held.example(user, about)
            example.add_bytes(SEEN_MOVIE_ID, seen)
            held_example = example.serialize()
        yield train_example, held_example

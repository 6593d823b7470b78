"""Users and movies as serialised tf.Examples."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping

import numpy as np

from components.example_gen.sources.catalogue import Movie
from components.example_gen.users import wire
from components.example_gen.users.interactions import Interactions

# Lower bounds of the buckets of train interactions, and their names.
ACTIVITY_FROM = (0, 1, 20, 50, 100, 200)
ACTIVITY = ("0", "1-19", "20-49", "50-99", "100-199", "200+")


def movie_example(movie: Movie) -> bytes:
    """Returns the movie's tf.Example: movie_id, title, genres [g], year [0 or 1]."""
    return wire.example(
        {
            "movie_id": wire.text_feature(movie.movie_id),
            "title": wire.text_feature(movie.title),
            "genres": wire.text_feature(*movie.genres),
            "year": wire.int_feature(b"" if movie.year is None else wire.varint(movie.year)),
        }
    )


def activity(train_interactions: int) -> str:
    """Returns the name of the bucket that a number of train interactions falls into."""
    return ACTIVITY[bisect_right(ACTIVITY_FROM, train_interactions) - 1]


class _Side:
    """The interactions of one split, ready to be cut into users."""

    def __init__(self, data: Interactions, mask: np.ndarray) -> None:
        items = np.array([wire.item(movie.encode()) for movie in data.movies], object)
        self._ends = np.searchsorted(data.user[mask], np.arange(len(data.users) + 1)).tolist()
        self._movies: list[bytes] = items[data.movie[mask]].tolist()
        self._ratings = data.rating[mask]
        self._times, self._time_ends = wire.varints(data.timestamp[mask])

    def count(self, user: int) -> int:
        """Returns the number of the user's interactions."""
        return int(self._ends[user + 1] - self._ends[user])

    def movies(self, user: int) -> bytes:
        """Returns the feature of the ids of the user's movies."""
        return wire.bytes_feature(self._movies[self._ends[user] : self._ends[user + 1]])

    def features(self, user: int) -> dict[str, bytes]:
        """Returns the features of the user's interactions."""
        start, stop = self._ends[user], self._ends[user + 1]
        times = slice(self._time_ends[start], self._time_ends[stop])
        return {
            "movie_id": self.movies(user),
            "rating": wire.float_feature(self._ratings[start:stop]),
            "timestamp": wire.int_feature(self._times[times]),
        }


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
    train, held = _Side(data, ~held_out), _Side(data, held_out)
    for position, user in enumerate(data.users):
        about = {name: wire.text_feature(v) for name, v in user_features.get(user, {}).items()}
        about["user_id"] = wire.text_feature(user)
        about["activity"] = wire.text_feature(activity(train.count(position)))
        train_example = held_example = None
        if train.count(position):
            train_example = wire.example(about | train.features(position))
        if held.count(position):
            seen = {"seen_movie_id": train.movies(position)}
            held_example = wire.example(about | held.features(position) | seen)
        yield train_example, held_example

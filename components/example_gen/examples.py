"""Users and movies as tf.Examples."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import tensorflow as tf

from components.example_gen.catalogue import Movie
from components.example_gen.interactions import Interactions

# Lower bounds of the buckets of train interactions, and their names.
ACTIVITY_FROM = (0, 1, 20, 50, 100, 200)
ACTIVITY = (b"0", b"1-19", b"20-49", b"50-99", b"100-199", b"200+")

Features = Mapping[str, tf.train.Feature]


def _bytes(values: list[bytes]) -> tf.train.Feature:
    return tf.train.Feature(bytes_list=tf.train.BytesList(value=values))


def _texts(values: list[str]) -> tf.train.Feature:
    return _bytes([value.encode() for value in values])


def _ints(values: list[int]) -> tf.train.Feature:
    return tf.train.Feature(int64_list=tf.train.Int64List(value=values))


def _floats(values: list[float]) -> tf.train.Feature:
    return tf.train.Feature(float_list=tf.train.FloatList(value=values))


def _serialized(features: Features) -> bytes:
    example = tf.train.Example(features=tf.train.Features(feature=features))
    return bytes(example.SerializeToString(deterministic=True))


def movie_example(movie: Movie) -> bytes:
    """Returns the movie's serialised tf.Example."""
    return _serialized(
        {
            "movie_id": _texts([movie.movie_id]),
            "title": _texts([movie.title]),
            "genres": _texts(list(movie.genres)),
            "year": _ints([] if movie.year is None else [movie.year]),
        }
    )


def activity(train_interactions: int) -> bytes:
    """Returns the name of the bucket that a number of train interactions falls into."""
    return ACTIVITY[int(np.searchsorted(ACTIVITY_FROM, train_interactions, side="right")) - 1]


class _Side:
    """The interactions of one split, ready to be cut into users."""

    def __init__(self, data: Interactions, mask: np.ndarray) -> None:
        names = np.array([movie.encode() for movie in data.movies], object)
        self.ends = np.searchsorted(data.user[mask], np.arange(len(data.users) + 1)).tolist()
        self.movies: list[bytes] = names[data.movie[mask]].tolist()
        self.ratings: list[float] = data.rating[mask].tolist()
        self.timestamps: list[int] = data.timestamp[mask].tolist()

    def rows(self, user: int) -> slice:
        return slice(self.ends[user], self.ends[user + 1])

    def features(self, user: int) -> dict[str, tf.train.Feature]:
        rows = self.rows(user)
        return {
            "movie_id": _bytes(self.movies[rows]),
            "rating": _floats(self.ratings[rows]),
            "timestamp": _ints(self.timestamps[rows]),
        }


def user_examples(
    data: Interactions, held_out: np.ndarray, user_features: Mapping[str, Mapping[str, str]]
) -> Iterator[tuple[bytes | None, bytes | None]]:
    """Yields for each user the serialised train and eval Example; None where there would be no row.

    Args:
        data: All interactions of the users.
        held_out: bool [n], which of them are eval.
        user_features: User id → feature name → value, for the users that have any.
    """
    if not len(data):
        return
    train, held = _Side(data, ~held_out), _Side(data, held_out)
    for position, user in enumerate(data.users):
        seen = train.movies[train.rows(position)]
        about = {name: _texts([value]) for name, value in user_features.get(user, {}).items()}
        about |= {"user_id": _texts([user]), "activity": _bytes([activity(len(seen))])}
        has_eval = held.ends[position] < held.ends[position + 1]
        yield (
            _serialized({**about, **train.features(position)}) if seen else None,
            _serialized({**about, **held.features(position), "seen_movie_id": _bytes(seen)})
            if has_eval
            else None,
        )

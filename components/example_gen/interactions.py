"""Interactions of a group of users: the rows of all their blocks, merged and in order."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

REPEATED = "row repeated"
REPLACED = "older rating of the same movie"


@dataclass(frozen=True)
class Interactions:
    """At most one rating for a user and movie; by user, then time, then movie (as text).

    Attributes:
        users: Ids of the users, sorted as UTF-8 bytes; all of them have interactions.
        movies: Ids of the movies, sorted likewise.
        user: int64 [n], position in `users`, ascending.
        movie: int64 [n], position in `movies`.
        rating: float32 [n].
        timestamp: int64 [n], seconds since 1970; ascending for each user.
    """

    users: list[str]
    movies: list[str]
    user: np.ndarray
    movie: np.ndarray
    rating: np.ndarray
    timestamp: np.ndarray

    def __len__(self) -> int:
        return len(self.user)

    def offsets(self) -> np.ndarray:
        """Returns int64 [users + 1]: the rows of user u are offsets[u]:offsets[u + 1]."""
        return np.searchsorted(self.user, np.arange(len(self.users) + 1))


def _sorted_codes(column: pa.ChunkedArray) -> tuple[list[str], np.ndarray]:
    """Returns the distinct values in order, and for each row the position of its value [n]."""
    encoded = column.combine_chunks()
    encoded = (
        encoded.dictionary_encode()
        if len(encoded)
        else pa.array([], pa.string()).dictionary_encode()
    )
    values = np.array(encoded.dictionary.to_pylist(), object)
    order = np.argsort(values) if len(values) else np.array([], np.int64)
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    return list(values[order]), rank[encoded.indices.to_numpy()]


def merge(tables: list[pa.Table]) -> tuple[Interactions, dict[str, int]]:
    """Puts the rows of many blocks together: for each user and movie the newest rating counts.

    The order of tables and rows does not matter: of two ratings at the same second the higher
    one counts.

    Args:
        tables: Columns as in ratings.SCHEMA.

    Returns:
        The interactions, and how many rows were left out as REPEATED (the same in all columns) or
        REPLACED.
    """
    table = pa.concat_tables(tables)
    users, user = _sorted_codes(table["user"])
    movies, movie = _sorted_codes(table["movie"])
    rating, timestamp = table["rating"].to_numpy(), table["timestamp"].to_numpy()
    pair = user * max(len(movies), 1) + movie
    order = np.lexsort((rating, timestamp, pair))
    pair, rating, timestamp = pair[order], rating[order], timestamp[order]
    same_pair = pair[1:] == pair[:-1]
    repeated = same_pair & (rating[1:] == rating[:-1]) & (timestamp[1:] == timestamp[:-1])
    last = np.append(~same_pair, [True] * bool(len(pair)))
    counts = {REPEATED: int(repeated.sum()), REPLACED: int(same_pair.sum() - repeated.sum())}
    user, movie = np.divmod(pair[last], max(len(movies), 1))
    rating, timestamp = rating[last], timestamp[last]
    order = np.lexsort((movie, timestamp, user))
    result = Interactions(users, movies, user[order], movie[order], rating[order], timestamp[order])
    return result, {reason: count for reason, count in counts.items() if count}

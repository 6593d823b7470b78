"""Interactions of a group of users: the rows of all their blocks, merged and in order."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from components.contracts.examples import WEIGHT
from components.example_gen import drop_reasons


@dataclass(frozen=True)
class Interactions:
    """At most one rating for a user and movie; by user, then time, then movie (as text).

    Attributes:
        users: Ids of the users, sorted as UTF-8 bytes; all of them have interactions.
        movies: Ids of the movies, sorted likewise.
        user: int64 [n], index into `users`, ascending.
        movie: int64 [n], index into `movies`.
        rating: float32 [n].
        timestamp: int64 [n], seconds since 1970; ascending for each user.
        weight: float32 [n], more than 0: how much each counts; None where all count the same.
    """

    users: list[str]
    movies: list[str]
    user: np.ndarray
    movie: np.ndarray
    rating: np.ndarray
    timestamp: np.ndarray
    weight: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.user)

    def offsets(self) -> np.ndarray:
        """Returns int64 [users + 1]: the rows of user u are offsets[u]:offsets[u + 1]."""
        return np.searchsorted(self.user, np.arange(len(self.users) + 1))


def _sorted_codes(column: pa.ChunkedArray) -> tuple[list[str], np.ndarray]:
    """Returns the distinct values in order, and for each row the index of its value, int64 [n]."""
    encoded = column.combine_chunks().dictionary_encode()
    values = np.array(encoded.dictionary.to_pylist(), object)
    order = np.argsort(values)
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    return list(values[order]), rank[encoded.indices.to_numpy()]


def _newest(pair: np.ndarray, ranked: list[np.ndarray]) -> tuple[np.ndarray, dict[str, int]]:
    """Returns the index of the newest row of each pair, and reason → number of the other rows.

    Args:
        pair: int64 [n], the same for rows of the same user and movie.
        ranked: Columns [n] that say which row of a pair counts: the highest timestamp, then the
            highest of the next column, and so on. Rows that agree in all of them are repeated.

    Returns:
        int64 [pairs], ascending by pair, and the counts.
    """
    order = np.argsort(pair, kind="stable")
    if not (pair[order[1:]] == pair[order[:-1]]).any():
        return order, {}  # one sort in place of four where nothing is repeated
    order = np.lexsort((*reversed(ranked), pair))
    pair, *ranked = (column[order] for column in (pair, *ranked))
    followed = pair[1:] == pair[:-1]
    repeated = np.logical_and.reduce([followed, *(x[1:] == x[:-1] for x in ranked)])
    counts = {
        drop_reasons.REPEATED: int(repeated.sum()),
        drop_reasons.REPLACED: int(followed.sum() - repeated.sum()),
    }
    last = np.ones(len(pair), bool)
    last[:-1] = ~followed
    return order[last], {reason: count for reason, count in counts.items() if count}


def _by_time(user: np.ndarray, timestamp: np.ndarray) -> np.ndarray:
    """Returns the order by user and time, int64 [n]; rows of the same second keep their order.

    Both fit into one number unless the times span more than 2^63 seconds over the users: one sort
    of it takes half the time of `np.lexsort`.
    """
    if not len(user):
        return np.arange(0)
    first = int(timestamp.min())
    span = int(timestamp.max()) - first + 1
    if (int(user.max()) + 1) * span >= 1 << 63:
        return np.lexsort((timestamp, user))
    return np.argsort(user * span + (timestamp - first), kind="stable")


def _joined(pair: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Returns for each row the sum of the weights of all rows of its pair, float32 [n]."""
    _, code = np.unique(pair, return_inverse=True)
    return np.bincount(code, weight)[code].astype(np.float32)


def _at_least_mean(user: np.ndarray, rating: np.ndarray) -> np.ndarray:
    """Returns which ratings are not below the mean of their user's, bool [n]."""
    _, code = np.unique(user, return_inverse=True)
    mean = np.bincount(code, rating) / np.bincount(code)
    return rating >= mean[code] - 1e-6


@dataclass(frozen=True)
class MergeRules:
    """How the rows of a user are merged.

    Attributes:
        repeats: How rows of the same user and movie are joined: `last` takes the newest as it is;
            `sum` adds up their weights and `count` their number, beside the newest rating and time.
        above_user_mean: Whether interactions below the user's mean rating are left out.
    """

    repeats: str = "last"
    above_user_mean: bool = False


def merge(
    tables: list[pa.Table], rules: MergeRules | None = None
) -> tuple[Interactions, dict[str, int]]:
    """Merges the rows of many blocks: each user and movie occurs once.

    The order of tables and rows does not matter: of two ratings at the same second the higher
    one counts, and of two equal ones that with the larger weight.

    Args:
        tables: Columns as in ratings.SCHEMA, and `weight`, where the data have one.
        rules: How repeated rows are joined; default: the newest rating counts.

    Returns:
        The interactions, and how many rows were dropped as drop_reasons.REPEATED (the same in all
        columns), REPLACED, JOINED or NOT_POSITIVE.
    """
    rules = rules or MergeRules()
    table = pa.concat_tables(tables)
    users, user = _sorted_codes(table["user"])
    movies, movie = _sorted_codes(table["movie"])
    rating, timestamp = table["rating"].to_numpy(), table["timestamp"].to_numpy()
    weight = table[WEIGHT].to_numpy() if WEIGHT in table.column_names else None
    ranked = [timestamp, rating] if weight is None else [timestamp, rating, weight]
    pair = user * len(movies) + movie
    newest, counts = _newest(pair, ranked)
    if rules.repeats != "last" and weight is not None:
        weight = _joined(pair, weight if rules.repeats == "sum" else np.ones(len(pair)))
        counts = {drop_reasons.JOINED: sum(counts.values())} if counts else {}
    if rules.above_user_mean:
        positive = _at_least_mean(user[newest], rating[newest])
        counts[drop_reasons.NOT_POSITIVE] = int((~positive).sum())
        newest = newest[positive]
    retained = newest[_by_time(user[newest], timestamp[newest])]
    result = Interactions(
        users,
        movies,
        user[retained],
        movie[retained],
        rating[retained],
        timestamp[retained],
        None if weight is None else weight[retained],
    )
    return result, counts

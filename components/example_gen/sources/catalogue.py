"""Movies and users of every layout, as rows of one shape."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from components.errors import DataError
from components.example_gen import drop_reasons
from components.example_gen.reading import tables, text
from components.example_gen.reading.tables import Row
from components.example_gen.sources.layouts import Layout
from components.example_gen.summary import Place, Summary

# The flags of u.item, in their order (u.genre).
GENRES_100K = (
    "unknown",
    "Action",
    "Adventure",
    "Animation",
    "Children's",
    "Comedy",
    "Crime",
    "Documentary",
    "Drama",
    "Fantasy",
    "Film-Noir",
    "Horror",
    "Musical",
    "Mystery",
    "Romance",
    "Sci-Fi",
    "Thriller",
    "War",
    "Western",
)
_ITEM_100K = ("movie", "title", "date", "video", "url", *GENRES_100K)
_NO_GENRES = frozenset({"", "(no genres listed)", "unknown"})
_YEAR = re.compile(r"\((\d{4})(?:[-–—][\d ]*)?\)")
FEATURES = ("gender", "age", "occupation")


@dataclass(frozen=True)
class Movie:
    """One movie of the catalogue; year is None where the title names none."""

    movie_id: str
    title: str
    genres: tuple[str, ...] = ()
    year: int | None = None


@dataclass(frozen=True)
class User:
    """One row of a users file: whichever of FEATURES it has, as written there."""

    user_id: str
    features: dict[str, str]


def year_of(title: str) -> int | None:
    """Returns the year that ends a title, as in "Toy Story (1995)"; None without."""
    found = _YEAR.findall(title)
    return int(found[-1]) if found else None


def split_genres(names: str) -> tuple[str, ...]:
    """Splits "Comedy|Drama" into its genres; none for the ways of writing that there are none."""
    genres = (genre.strip() for genre in names.split("|"))
    return tuple(dict.fromkeys(genre for genre in genres if genre.lower() not in _NO_GENRES))


def _movie(values: dict[str, str]) -> Movie:
    movie_id = values["movie"].strip()
    title = values.get("title", "").strip() or movie_id
    year = values.get("year", "").strip()
    return Movie(
        movie_id,
        title,
        split_genres(values.get("genres", "")),
        int(year) if year.isdigit() else year_of(title),
    )


def _movie_100k(values: dict[str, str]) -> Movie:
    flags = "|".join(genre for genre in GENRES_100K if values[genre] == "1")
    return _movie({**values, "genres": flags})


def _movie_rows(layout: str, path: str) -> Iterator[Row | int]:
    if layout == "ml-100k":
        return tables.delimited_rows(path, "|", _ITEM_100K)
    if layout in ("ml-1m", "ml-10m"):
        return tables.delimited_rows(path, "::", ("movie", "title", "genres"))
    return tables.table_rows(path, "movie")


def _user_rows(layout: str, path: str) -> Iterator[Row | int]:
    if layout == "ml-100k":
        return tables.delimited_rows(path, "|", ("user", "age", "gender", "occupation", "zip"))
    if layout == "ml-1m":
        return tables.delimited_rows(path, "::", ("user", "gender", "age", "occupation", "zip"))
    return tables.table_rows(path, "user")


def _keyed(
    rows: Iterable[Row | int], key: str, path: str, why: tuple[str, str], counts: Summary
) -> dict[str, dict[str, str]]:
    """Returns key → values of the rows that have a key; of those with the same one the first.

    Args:
        rows: As `tables` yields them.
        key: Name of the column.
        path: The file.
        why: The reasons to give for rows that are broken, and for those that come again.
        counts: Where to add the rows up.
    """
    found: dict[str, dict[str, str]] = {}
    for row in rows:
        number, values = (row, {}) if isinstance(row, int) else row
        counts.rows += 1
        identity = values.get(key, "").strip()
        if identity and identity not in found:
            found[identity] = values
            continue
        reason = why[1] if identity else why[0]
        counts.dropped[reason] += 1
        shown = text.shorten(", ".join(values.values()))
        counts.firsts.setdefault(reason, Place(path, 0, number - 1, shown))
    return found


def read_movies(layout: Layout) -> tuple[list[Movie], Summary]:
    """Reads the catalogue in the order of the files; of several files the later ones count.

    Returns:
        The movies, and the counts of rows and of those left out.

    Raises:
        DataError: If a file holds no movie at all.
    """
    make = _movie_100k if layout.name == "ml-100k" else _movie
    why = (drop_reasons.BROKEN_MOVIE, drop_reasons.REPEATED_MOVIE)
    movies: dict[str, Movie] = {}
    counts = Summary()
    for path in layout.movies:
        found = _keyed(_movie_rows(layout.name, path), "movie", path, why, counts)
        if not found:
            raise DataError(f"{path}: no movies in the shape of layout {layout.name}")
        movies.update({identity: make(values) for identity, values in found.items()})
    return list(movies.values()), counts


def read_users(layout: Layout) -> tuple[list[User], Summary]:
    """Reads the users and their features as `read_movies` does the movies."""
    why = (drop_reasons.BROKEN_USER, drop_reasons.REPEATED_USER)
    users: dict[str, User] = {}
    counts = Summary()
    for path in layout.users:
        found = _keyed(_user_rows(layout.name, path), "user", path, why, counts)
        for identity, values in found.items():
            features = {name: values.get(name, "").strip() for name in FEATURES}
            users[identity] = User(identity, {k: v for k, v in features.items() if v})
    return list(users.values()), counts

"""Movies and users of every layout, as rows of one shape."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from components.errors import DataError
from components.example_gen import tables
from components.example_gen.layouts import Layout
from components.example_gen.tables import Row

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
BROKEN_MOVIE = "broken movie row"
REPEATED_MOVIE = "repeated movie row"
BROKEN_USER = "broken user row"
REPEATED_USER = "repeated user row"
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


@dataclass
class Skipped:
    """Rows of a file that were not used: counts, and the first of each kind by file and line."""

    rows: int = 0
    dropped: dict[str, int] = field(default_factory=dict)
    firsts: dict[str, str] = field(default_factory=dict)

    def add(self, reason: str, place: str) -> None:
        """Counts one row."""
        self.dropped[reason] = self.dropped.get(reason, 0) + 1
        self.firsts.setdefault(reason, place)


def year_of(title: str) -> int | None:
    """Returns the year that ends a title, as in "Toy Story (1995)"; None without."""
    found = _YEAR.findall(title)
    return int(found[-1]) if found else None


def split_genres(text: str) -> tuple[str, ...]:
    """Splits "Comedy|Drama" into its genres; none for the ways of writing that there are none."""
    genres = (genre.strip() for genre in text.split("|"))
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
    rows: Iterable[Row | int], key: str, path: str, reasons: tuple[str, str], skipped: Skipped
) -> dict[str, dict[str, str]]:
    """Returns key → values; broken rows are counted, and so are all but the first of a key."""
    broken, repeated = reasons
    found: dict[str, dict[str, str]] = {}
    for row in rows:
        number, values = (row, {}) if isinstance(row, int) else row
        skipped.rows += 1
        identity = values.get(key, "").strip()
        if not identity:
            skipped.add(broken, f"{path}:{number}")
        elif identity in found:
            skipped.add(repeated, f"{path}:{number}: {key} {identity}")
        else:
            found[identity] = values
    return found


def read_movies(layout: Layout) -> tuple[list[Movie], Skipped]:
    """Reads the catalogue, in the order of the files; of several files the later ones count.

    Raises:
        DataError: If a file holds no movie at all.
    """
    make = _movie_100k if layout.name == "ml-100k" else _movie
    movies: dict[str, Movie] = {}
    skipped = Skipped()
    for path in layout.movies:
        rows = _movie_rows(layout.name, path)
        found = _keyed(rows, "movie", path, (BROKEN_MOVIE, REPEATED_MOVIE), skipped)
        if not found:
            raise DataError(f"{path}: no movies in the shape of layout {layout.name}")
        movies.update({identity: make(values) for identity, values in found.items()})
    return list(movies.values()), skipped


def read_users(layout: Layout) -> tuple[list[User], Skipped]:
    """Reads the users and their features; of several files the later ones count."""
    users: dict[str, User] = {}
    skipped = Skipped()
    for path in layout.users:
        rows = _user_rows(layout.name, path)
        found = _keyed(rows, "user", path, (BROKEN_USER, REPEATED_USER), skipped)
        for identity, values in found.items():
            features = {name: values[name].strip() for name in FEATURES if name in values}
            users[identity] = User(identity, {k: v for k, v in features.items() if v})
    return list(users.values()), skipped

"""Movies and users of a data set, the same for every layout."""

from __future__ import annotations

import re
from dataclasses import dataclass

from components.contracts.examples import GENDER, USER_FEATURES
from components.errors import DataError, shown
from components.example_gen import drop_reasons
from components.example_gen.formats.table_format import TableFile
from components.example_gen.reading import tables
from components.example_gen.reading.columns import WHOLE_FRACTION
from components.example_gen.sources.data_set import DataFiles
from components.example_gen.sources.genres import separator_of, split_genres
from components.example_gen.summary import RowLocation, Summary

# Words of the same meaning, in lower case; any other word stays as it is written.
_GENDERS = {"f": "F", "female": "F", "m": "M", "male": "M"}
_YEAR = re.compile(r"\((\d{4})(?:[-–—][\d ]*)?\)")
_YEAR_OR_DATE = re.compile(r"(?<!\d)(?:18|19|20)\d\d(?!\d)")


@dataclass(frozen=True)
class Movie:
    """One movie of the catalogue; year is None where neither a column nor the title has one."""

    movie_id: str
    title: str
    genres: tuple[str, ...] = ()
    year: int | None = None


@dataclass(frozen=True)
class User:
    """One row of a users file: the USER_FEATURES that it has, genders as F, M or as written."""

    user_id: str
    features: dict[str, str]


def year_of(title: str) -> int | None:
    """Returns the year that ends a title, as in "Toy Story (1995)"; None without."""
    years = _YEAR.findall(title)
    return int(years[-1]) if years else None


def year_in(text: str) -> int | None:
    """Returns the year in a column of years or dates, as 1995, 1995.0 or 1995-10-30, else None."""
    found = _YEAR_OR_DATE.search(text)
    return int(found[0]) if found else None


def _movie(movie_id: str, values: dict[str, str], separator: str) -> Movie:
    title = values.get("title", "").strip() or movie_id
    genres = split_genres(values.get("genres", ""), separator)
    return Movie(movie_id, title, genres, year_in(values.get("year", "")) or year_of(title))


def _user(user_id: str, values: dict[str, str]) -> User:
    features = {name: values.get(name, "").strip() for name in USER_FEATURES}
    features[GENDER] = _GENDERS.get(features[GENDER].lower(), features[GENDER])
    return User(user_id, {name: value for name, value in features.items() if value})


def _by_id(
    file: TableFile, key: str, why: tuple[str, str], counts: Summary, size: int = -1
) -> dict[str, dict[str, str]]:
    """Returns id → values of the rows that have an id; of rows with the same id the first.

    Args:
        file: The file.
        key: Column of the ids.
        why: The reasons to drop a row: it is broken, it is repeated.
        counts: Where to count the rows and those dropped.
        size: How many bytes of a text are read at most; -1 for all.
    """
    result: dict[str, dict[str, str]] = {}
    for number, values, line in tables.rows(file, size):
        counts.rows += 1
        row_id = re.sub(WHOLE_FRACTION, r"\1", values.get(key, "").strip())
        if row_id and row_id not in result:
            result[row_id] = values
            continue
        reason = why[1] if row_id else why[0]
        counts.dropped[reason] += 1
        content = shown(", ".join(values.values()), 80, quote=False)
        if line:
            content = f"{line} (expected: {file.format.shape()})"
        counts.firsts.setdefault(reason, RowLocation(file.path, 0, number - 1, content))
    return result


def read_movies(data: DataFiles, size: int = -1) -> tuple[list[Movie], Summary]:
    """Reads the catalogue in the order of the files; of several files the later ones count.

    How genres are separated is decided on those of all movies together.

    Args:
        data: The files.
        size: How many bytes of each text are read at most; -1 for all.

    Returns:
        The movies, and the counts of rows and of those left out.

    Raises:
        DataError: If a file holds no movie at all.
    """
    why = (drop_reasons.BROKEN_MOVIE, drop_reasons.REPEATED_MOVIE)
    rows: dict[str, dict[str, str]] = {}
    counts = Summary()
    for file in data.movies:
        by_id = _by_id(file, "movie", why, counts, size)
        if not by_id:
            raise DataError(f"{file.path}: no movies in the shape of layout {data.layout}")
        rows.update(by_id)
    separator = separator_of(values.get("genres", "") for values in rows.values())
    return [_movie(movie_id, values, separator) for movie_id, values in rows.items()], counts


def read_users(data: DataFiles) -> tuple[list[User], Summary]:
    """Reads the users and their features as `read_movies` does the movies."""
    why = (drop_reasons.BROKEN_USER, drop_reasons.REPEATED_USER)
    users: dict[str, User] = {}
    counts = Summary()
    for file in data.users:
        by_id = _by_id(file, "user", why, counts)
        users.update({user_id: _user(user_id, values) for user_id, values in by_id.items()})
    return list(users.values()), counts

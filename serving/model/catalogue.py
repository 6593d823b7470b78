"""The movies of a loaded model: titles, years, genres, and a search by title."""

from __future__ import annotations

import itertools
import json
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from components.contracts.saved_model import CATALOGUE
from serving.model.variables import Variables

# Variables of the index model (components/trainer/export/index_model.py). Older models have
# `popularity`, a number for each movie, and not the order itself.
_IDS, _TITLES, _POPULAR_ROWS, _POPULARITY = "movie_ids", "titles", "popular/_rows", "popularity"
_YEAR = re.compile(r"\((\d{4})\)\s*$")
_LONGEST_LINE = 1 << 20


@dataclass(frozen=True)
class Movie:
    """A movie as people see it; year and genres are missing where the model does not tell."""

    movie_id: str
    title: str
    year: int | None = None
    genres: tuple[str, ...] = ()


class MovieCatalogue:
    """The movies of a model, in the order of its catalogue."""

    def __init__(self, movies: list[Movie], order: np.ndarray | None = None) -> None:
        """Initializes the catalogue.

        Args:
            movies: All movies.
            order: Rows of the movies, the most popular first, int [movies]; None: as they are.
        """
        self.movies = movies
        self._row = {movie.movie_id: row for row, movie in enumerate(movies)}
        self._keys = [search_key(movie.title) for movie in movies]
        self._by_popularity = range(len(movies)) if order is None else order.tolist()

    def __len__(self) -> int:
        return len(self.movies)

    def __contains__(self, movie_id: str) -> bool:
        return movie_id in self._row

    def movie(self, movie_id: str, title: str = "") -> Movie:
        """Returns a movie; one that is not in the catalogue has the title that is given."""
        row = self._row.get(movie_id)
        return Movie(movie_id, title) if row is None else self.movies[row]

    def search(self, text: str, limit: int) -> list[Movie]:
        """Returns movies whose title holds every word of a text, the most popular first.

        Case, accents and the form of letters do not matter. An empty text finds all movies.
        """
        words = search_key(text).split()
        found = (
            self.movies[row]
            for row in self._by_popularity
            if all(word in self._keys[row] for word in words)
        )
        return list(itertools.islice(found, limit))


def search_key(text: str) -> str:
    """Returns a text as searches compare it: decomposed, without accents, in lower case."""
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(c for c in decomposed if not unicodedata.combining(c)).casefold()


def read_catalogue(variables: Variables, path: Path) -> MovieCatalogue:
    """Reads the catalogue of a SavedModel in a folder; it is empty where the model has none.

    Genres and years stand in a file beside it; where there is none, as in older versions, the year
    is taken from the title.
    """
    if _IDS not in variables or _TITLES not in variables:
        return MovieCatalogue([])
    details = dict(_read_details(path / CATALOGUE))
    movies = []
    for raw_id, raw_title in zip(variables.read(_IDS), variables.read(_TITLES), strict=True):
        movie_id, title = _text(raw_id), _text(raw_title)
        year, genres = details.get(movie_id, (_year_of(title), ()))
        movies.append(Movie(movie_id, title, year, genres))
    return MovieCatalogue(movies, _read_order(variables))


def _read_order(variables: Variables) -> np.ndarray | None:
    """Returns the rows of the catalogue, the most popular first; None where nothing tells."""
    if _POPULAR_ROWS in variables:
        return variables.read(_POPULAR_ROWS)
    if _POPULARITY in variables:
        return np.argsort(-variables.read(_POPULARITY), kind="stable")
    return None


def _read_details(path: Path) -> Iterator[tuple[str, tuple[int | None, tuple[str, ...]]]]:
    """Yields (movie id, (year, genres)) of the file's lines; lines of another form are left out."""
    if not path.is_file():
        return
    with path.open("rb") as file:
        for line in file:
            try:
                movie = json.loads(line[:_LONGEST_LINE])
                year, genres = movie.get("year"), movie.get("genres", [])
                if isinstance(year, int | None) and all(isinstance(g, str) for g in genres):
                    yield str(movie["movie_id"]), (year, tuple(genres))
            except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
                continue


def _year_of(title: str) -> int | None:
    match = _YEAR.search(title)
    return int(match[1]) if match else None


def _text(value: bytes) -> str:
    return value.decode("utf-8", "replace")

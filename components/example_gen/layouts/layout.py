"""What ExampleGen knows of one layout of rating data."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Set
from dataclasses import dataclass

from components.example_gen.reading.formats import RatingFormat
from components.example_gen.reading.tables import Row

ReadRows = Callable[[str], Iterator[Row]]


def _no_rows(path: str) -> Iterator[Row]:
    return iter(())


def _always(names: Set[str], ratings: str) -> bool:
    return True


@dataclass(frozen=True)
class Layout:
    """File names of a kind of data set, and functions that read its files.

    Attributes:
        name: The value of the setting data.layout.
        accepted: The files of the layout, as messages list them.
        ratings: Name of the file with one rating a row.
        rating_format: Path of a rating file → how its rows are written; None for Parquet, which
            says it itself. Raises DataError where the file does not begin as it should.
        movies: Names of the file with one movie a row, in order of preference.
        movie_rows: Path of that file → its rows, with the columns movie, title, genres, year.
        users: Names of the file with one user a row, in order of preference.
        user_rows: Path of that file → its rows, with the columns user and contracts' USER_FEATURES.
        needs_movies, needs_users: Whether the data set is incomplete without such a file.
        recognises: (names of all files, path of a file called `ratings`) → whether the files are
            of this layout. The first layout of a list that says so is taken.
    """

    name: str
    accepted: str
    ratings: str
    rating_format: Callable[[str], RatingFormat | None]
    movies: tuple[str, ...]
    movie_rows: ReadRows
    users: tuple[str, ...] = ()
    user_rows: ReadRows = _no_rows
    needs_movies: bool = True
    needs_users: bool = False
    recognises: Callable[[Set[str], str], bool] = _always

"""The layouts that ExampleGen reads. A new one is one more object in LAYOUTS."""

from __future__ import annotations

from collections.abc import Iterator, Set
from functools import partial

from components.example_gen.layouts.layout import Layout
from components.example_gen.reading import formats, parquet, tables
from components.example_gen.reading.formats import RatingFormat
from components.example_gen.reading.tables import Row

MOVIELENS_1M = RatingFormat(formats.RATING_COLUMNS, "::", header=False, quoted=False)
MOVIELENS_100K = RatingFormat(formats.RATING_COLUMNS, "\t", header=False, quoted=False)

# The flags of u.item, in their order (u.genre).
GENRES_100K = (
    *("unknown", "Action", "Adventure", "Animation", "Children's", "Comedy", "Crime"),
    *("Documentary", "Drama", "Fantasy", "Film-Noir", "Horror", "Musical", "Mystery"),
    *("Romance", "Sci-Fi", "Thriller", "War", "Western"),
)

# Column → what the header of a CSV or Parquet file may call it, as in formats.canonical.
COLUMN_NAMES: formats.ColumnNames = {
    **formats.RATING_NAMES,
    "title": frozenset({"title", "name", "movietitle", "itemname"}),
    "genres": frozenset({"genres", "genre", "categories", "category"}),
    "year": frozenset({"year", "releaseyear"}),
    "gender": frozenset({"gender", "sex"}),
    "age": frozenset({"age"}),
    "occupation": frozenset({"occupation", "job"}),
}
TABLE_MOVIES = ("movies.csv", "movies.parquet", "items.csv", "items.parquet")
TABLE_USERS = ("users.csv", "users.parquet")


def _movie_rows_100k(path: str) -> Iterator[Row]:
    """Yields the rows of u.item, whose genres are flags."""
    columns = ("movie", "title", "date", "video", "url", *GENRES_100K)
    for number, values in tables.delimited_rows(path, delimiter="|", columns=columns):
        if values:
            values["genres"] = "|".join(name for name in GENRES_100K if values[name] == "1")
        yield number, values


def _check_parquet(path: str) -> None:
    parquet.rating_columns(path)


def _has_users_dat(names: Set[str], ratings: str) -> bool:
    return "users.dat" in names


def _is_movielens_csv(names: Set[str], ratings: str) -> bool:
    """Tells MovieLens' own CSV files from others by the order of columns and the files beside."""
    original = formats.read_csv_format(ratings).columns == formats.RATING_COLUMNS
    return original and "movies.csv" in names and not names & set(TABLE_USERS)


_movie_rows_dat = partial(
    tables.delimited_rows, delimiter="::", columns=("movie", "title", "genres")
)
_movie_rows_table = partial(tables.table_rows, key="movie", names=COLUMN_NAMES)
_user_rows_table = partial(tables.table_rows, key="user", names=COLUMN_NAMES)

# In the order in which data.layout=auto tries them.
LAYOUTS = (
    Layout(
        name="ml-100k",
        accepted="u.data + u.item [+ u.user] (ml-100k)",
        ratings="u.data",
        rating_format=partial(formats.check_rows, MOVIELENS_100K, "ml-100k"),
        movies=("u.item",),
        movie_rows=_movie_rows_100k,
        users=("u.user",),
        user_rows=partial(
            tables.delimited_rows,
            delimiter="|",
            columns=("user", "age", "gender", "occupation", "zip"),
        ),
    ),
    Layout(
        name="ml-1m",
        accepted="ratings.dat + movies.dat + users.dat (ml-1m)",
        ratings="ratings.dat",
        rating_format=partial(formats.check_rows, MOVIELENS_1M, "ml-1m"),
        movies=("movies.dat",),
        movie_rows=_movie_rows_dat,
        users=("users.dat",),
        user_rows=partial(
            tables.delimited_rows,
            delimiter="::",
            columns=("user", "gender", "age", "occupation", "zip"),
        ),
        needs_users=True,
        recognises=_has_users_dat,
    ),
    Layout(
        name="ml-10m",
        accepted="ratings.dat + movies.dat (ml-10m)",
        ratings="ratings.dat",
        rating_format=partial(formats.check_rows, MOVIELENS_1M, "ml-10m"),
        movies=("movies.dat",),
        movie_rows=_movie_rows_dat,
    ),
    Layout(
        name="ml-csv",
        accepted="ratings.csv + movies.csv (ml-20m, 25m, 32m, latest)",
        ratings="ratings.csv",
        rating_format=formats.read_csv_format,
        movies=("movies.csv",),
        movie_rows=_movie_rows_table,
        recognises=_is_movielens_csv,
    ),
    Layout(
        name="csv",
        accepted="ratings.csv with user, item, rating, timestamp columns "
        "[+ movies.csv or .parquet] [+ users.csv or .parquet]",
        ratings="ratings.csv",
        rating_format=formats.read_csv_format,
        movies=TABLE_MOVIES,
        movie_rows=_movie_rows_table,
        users=TABLE_USERS,
        user_rows=_user_rows_table,
        needs_movies=False,
    ),
    Layout(
        name="parquet",
        accepted="ratings.parquet with the same",
        ratings="ratings.parquet",
        rating_format=_check_parquet,
        movies=TABLE_MOVIES,
        movie_rows=_movie_rows_table,
        users=TABLE_USERS,
        user_rows=_user_rows_table,
        needs_movies=False,
    ),
)
BY_NAME = {layout.name: layout for layout in LAYOUTS}
ACCEPTED = "; ".join(layout.accepted for layout in LAYOUTS)

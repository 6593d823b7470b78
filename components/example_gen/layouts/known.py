"""The layouts of MovieLens. A new one is one more object in LAYOUTS.

Files of other names and shapes are found by what is in them (sources/tables.py).
"""

from __future__ import annotations

from components.example_gen.layouts.layout import FileKind, Layout

RATING_COLUMNS = ("user", "movie", "rating", "timestamp")
# Ratings of MovieLens are in this range; a value outside is an error of the file.
RATING_RANGE = (0.0, 5.0)

# The flags of u.item, in their order (u.genre).
GENRES_100K = (
    *("unknown", "Action", "Adventure", "Animation", "Children's", "Comedy", "Crime"),
    *("Documentary", "Drama", "Fantasy", "Film-Noir", "Horror", "Musical", "Mystery"),
    *("Romance", "Sci-Fi", "Thriller", "War", "Western"),
)

_RATINGS_DAT = FileKind("ratings.dat", "::", RATING_COLUMNS)
_MOVIES_DAT = FileKind("movies.dat", "::", ("movie", "title", "genres"))

# In the order in which data.layout=auto tries them.
LAYOUTS = (
    Layout(
        name="ml-100k",
        accepted="u.data + u.item [+ u.user] (ml-100k)",
        ratings=FileKind("u.data", "\t", RATING_COLUMNS),
        movies=FileKind(
            "u.item",
            "|",
            ("movie", "title", "date", "video", "url", *GENRES_100K),
            flags=GENRES_100K,
        ),
        users=FileKind("u.user", "|", ("user", "age", "gender", "occupation", "zip")),
    ),
    Layout(
        name="ml-1m",
        accepted="ratings.dat + movies.dat + users.dat (ml-1m)",
        ratings=_RATINGS_DAT,
        movies=_MOVIES_DAT,
        users=FileKind("users.dat", "::", ("user", "gender", "age", "occupation", "zip")),
        needs_users=True,
    ),
    Layout(
        name="ml-10m",
        accepted="ratings.dat + movies.dat (ml-10m)",
        ratings=_RATINGS_DAT,
        movies=_MOVIES_DAT,
    ),
    Layout(
        name="ml-csv",
        accepted="ratings.csv + movies.csv (ml-20m, 25m, 32m, latest)",
        ratings=FileKind(
            "ratings.csv", ",", RATING_COLUMNS, ("userId", "movieId", "rating", "timestamp")
        ),
        movies=FileKind(
            "movies.csv", ",", ("movie", "title", "genres"), ("movieId", "title", "genres")
        ),
        without=frozenset({"users.csv", "users.parquet"}),
    ),
)
BY_NAME = {layout.name: layout for layout in LAYOUTS}
# Data in no layout of MovieLens are named by the container of the interactions.
OTHER_LAYOUTS = ("csv", "json", "parquet")
ACCEPTED = (
    "; ".join(layout.accepted for layout in LAYOUTS)
    + "; any CSV, JSON lines or Parquet file with a column for users and one for items"
)

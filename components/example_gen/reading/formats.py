"""How the rows of a rating file are written: delimiter, header, which column is which."""

from __future__ import annotations

import csv
from dataclasses import dataclass

from components.errors import DataError
from components.example_gen.reading import files, text

# What a column may be called, once lower-cased and stripped of all but letters and digits.
NAMES: dict[str, frozenset[str]] = {
    "user": frozenset({"user", "userid", "uid", "customer", "customerid"}),
    "movie": frozenset({"movie", "movieid", "item", "itemid", "iid", "product", "productid"}),
    "rating": frozenset({"rating", "ratings", "score", "stars"}),
    "timestamp": frozenset({"timestamp", "time", "ts", "date", "datetime", "ratedat"}),
    "title": frozenset({"title", "name", "movietitle", "itemname"}),
    "genres": frozenset({"genres", "genre", "categories", "category"}),
    "year": frozenset({"year", "releaseyear"}),
    "gender": frozenset({"gender", "sex"}),
    "age": frozenset({"age"}),
    "occupation": frozenset({"occupation", "job"}),
}
RATING_COLUMNS = ("user", "movie", "rating", "timestamp")
RATING_HEADERS = "user,item,rating,timestamp (or userId/user_id, movieId/movie_id/item_id, …)"
HEAD_BYTES = 1 << 16


@dataclass(frozen=True)
class RatingFormat:
    """The rows of one text file of ratings.

    Attributes:
        columns: For each column of the file, in order, one of RATING_COLUMNS or the column's own
            name where it is ignored.
        delimiter: What stands between two values, as in the file.
        header: Whether the first line holds the names of the columns.
        quoted: Whether values may stand in double quotes.
    """

    columns: tuple[str, ...]
    delimiter: str
    header: bool
    quoted: bool


MOVIELENS_1M = RatingFormat(RATING_COLUMNS, "::", header=False, quoted=False)
MOVIELENS_100K = RatingFormat(RATING_COLUMNS, "\t", header=False, quoted=False)


def canonical(name: str) -> str:
    """Returns what a column called `name` holds (a key of NAMES), or the name itself."""
    plain = "".join(char for char in name.lower() if char.isalnum())
    return next((key for key, names in NAMES.items() if plain in names), name)


def canonical_columns(names: list[str]) -> tuple[str, ...]:
    """Names the columns as NAMES does; of two columns with the same meaning the first counts."""
    result: list[str] = []
    for position, name in enumerate(names):
        known = canonical(name)
        result.append(known if known not in result else f"{name}#{position}")
    return tuple(result)


def require_rating_columns(columns: tuple[str, ...], found: list[str], path: str) -> None:
    """Raises DataError where a column of RATING_COLUMNS is missing."""
    missing = [name for name in RATING_COLUMNS if name not in columns]
    if missing:
        raise DataError(
            f"{path}, line 1: no column for {', '.join(missing)} in the header "
            f"'{text.shorten(','.join(found))}'; accepted: {RATING_HEADERS}"
        )


def _csv_format(path: str, first_line: str) -> RatingFormat:
    """Reads delimiter and columns off the header of a CSV file."""
    best: tuple[tuple[str, ...], list[str], str] = ((), [first_line], ",")
    for delimiter in (",", ";", "\t"):
        found = next(csv.reader([first_line], delimiter=delimiter))
        columns = canonical_columns([name.strip() for name in found])
        if len(set(columns) & set(RATING_COLUMNS)) > len(set(best[0]) & set(RATING_COLUMNS)):
            best = columns, found, delimiter
    columns, found, delimiter = best
    require_rating_columns(columns, found, path)
    return RatingFormat(columns, delimiter, header=True, quoted=True)


def read_rating_format(layout: str, path: str) -> RatingFormat:
    """Returns the format of a text file of ratings, having looked at its first lines.

    Args:
        layout: Name of the layout (not parquet).
        path: The rating file.

    Raises:
        DataError: If the file is empty, no text, or its first lines are not rows of the layout.
    """
    head = files.read_bytes(path, HEAD_BYTES)
    text.check_encoding(head, path)
    lines = [line for line in text.lines(head) if line.strip()]
    if not lines:
        raise DataError(
            f"{path}: the file is empty; accepted are rows of user, movie, rating, time"
        )
    if layout in ("ml-csv", "csv"):
        form = _csv_format(path, lines[0])
        if len(lines) < 2:
            raise DataError(
                f"{path}: no rows below the header; accepted are rows of {RATING_HEADERS}"
            )
        return form
    form = MOVIELENS_100K if layout == "ml-100k" else MOVIELENS_1M
    if not any(len(line.split(form.delimiter)) == len(form.columns) for line in lines):
        shape = form.delimiter.join(form.columns).replace("\t", "<TAB>")
        raise DataError(
            f"{path}, line 1: '{text.shorten(lines[0])}' is no row of layout {layout}; "
            f"accepted: {shape}"
        )
    return form

"""How the rows of a rating file are written: delimiter, header, which column is which."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from components.errors import DataError
from components.example_gen.reading import files, text

# Column → what a header may call it, in lower case, letters and digits only.
ColumnNames = Mapping[str, frozenset[str]]
RATING_NAMES: ColumnNames = {
    "user": frozenset({"user", "userid", "uid", "customer", "customerid"}),
    "movie": frozenset({"movie", "movieid", "item", "itemid", "iid", "product", "productid"}),
    "rating": frozenset({"rating", "ratings", "score", "stars"}),
    "timestamp": frozenset({"timestamp", "time", "ts", "date", "datetime", "ratedat"}),
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


def canonical(name: str, names: ColumnNames = RATING_NAMES) -> str:
    """Returns the column (a key of `names`) that a header calls `name`, or the name itself."""
    plain = "".join(char for char in name.lower() if char.isalnum())
    return next((column for column, synonyms in names.items() if plain in synonyms), name)


def canonical_columns(header: Sequence[str], names: ColumnNames = RATING_NAMES) -> tuple[str, ...]:
    """Returns the column of each name; of two names for the same column the first counts."""
    result: list[str] = []
    for position, name in enumerate(header):
        column = canonical(name, names)
        result.append(column if column not in result else f"{name}#{position}")
    return tuple(result)


def require_rating_columns(columns: Sequence[str], header: Sequence[str], path: str) -> None:
    """Raises DataError where a column of RATING_COLUMNS is missing."""
    missing = [name for name in RATING_COLUMNS if name not in columns]
    if missing:
        raise DataError(
            f"{path}, line 1: no column for {', '.join(missing)} in the header "
            f"'{text.shorten(','.join(header))}'; accepted: {RATING_HEADERS}"
        )


def _first_lines(path: str) -> list[str]:
    """Returns the lines at the start of a rating file that are not blank.

    Raises:
        DataError: If the file is empty or no text.
    """
    head = files.read_bytes(path, HEAD_BYTES)
    text.check_encoding(head, path)
    lines = [line for line in text.lines(head) if line.strip()]
    if not lines:
        raise DataError(
            f"{path}: the file is empty; accepted are rows of user, movie, rating, time"
        )
    return lines


def check_rows(rows: RatingFormat, layout: str, path: str) -> RatingFormat:
    """Returns the format of a file without header, `rows`, having looked at its first lines.

    Raises:
        DataError: If the file is empty, no text, or none of its first lines is a row of `rows`.
    """
    lines = _first_lines(path)
    if not any(len(line.split(rows.delimiter)) == len(rows.columns) for line in lines):
        shape = rows.delimiter.join(rows.columns).replace("\t", "<TAB>")
        raise DataError(
            f"{path}, line 1: '{text.shorten(lines[0])}' is no row of layout {layout}; "
            f"accepted: {shape}"
        )
    return rows


def read_csv_format(path: str) -> RatingFormat:
    """Returns the format of a CSV file: its columns and delimiter as the header shows them.

    Raises:
        DataError: If the file is empty, no text, or has no rows or not all RATING_COLUMNS.
    """
    lines = _first_lines(path)
    header, delimiter = [lines[0]], ","
    columns: tuple[str, ...] = ()
    for candidate in (",", ";", "\t"):
        names = next(csv.reader([lines[0]], delimiter=candidate))
        canonical_names = canonical_columns([name.strip() for name in names])
        if len({*canonical_names} & {*RATING_COLUMNS}) > len({*columns} & {*RATING_COLUMNS}):
            header, delimiter, columns = names, candidate, canonical_names
    require_rating_columns(columns, header, path)
    if len(lines) < 2:
        raise DataError(f"{path}: no rows below the header; accepted are rows of {RATING_HEADERS}")
    return RatingFormat(columns, delimiter, header=True, quoted=True)

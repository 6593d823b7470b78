"""Lists of movies as CSV, in which a spreadsheet finds no formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

CSV = "text/csv"
COLUMNS = ("rank", "movie_id", "title", "year", "genres", "score")
# What makes a spreadsheet read a cell as a formula; some ignore spaces before it, and some take the
# wide forms of East Asian keyboards. https://owasp.org/www-community/attacks/CSV_Injection
_FORMULA = tuple("=+-@\t\r\n＝＋－＠")
# Without it spreadsheets take UTF-8 for something else.
_BYTE_ORDER_MARK = "\ufeff"


def plain_cell(text: str) -> str:
    """Returns a text as a spreadsheet shows it, and does not calculate it: with ' before it."""
    begins = text.startswith(_FORMULA) or text.lstrip().startswith(_FORMULA)
    return f"'{text}" if begins else text


def write_csv(movies: Sequence[Mapping[str, Any]]) -> bytes:
    """Returns a table with one row for each movie of an answer of the API for people.

    Of the keys of COLUMNS, rank and score may be missing, as in histories.
    """
    columns = [name for name in COLUMNS if not movies or name in movies[0]]
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(columns)
    writer.writerows([_cell(movie[name]) for name in columns] for movie in movies)
    return (_BYTE_ORDER_MARK + text.getvalue()).encode("utf-8", "replace")


def _cell(value: Any) -> Any:
    if isinstance(value, (list, tuple)):
        return plain_cell("|".join(value))
    return plain_cell(value) if isinstance(value, str) else value


def wants_csv(accept: str) -> bool:
    """Returns whether the header Accept names CSV first."""
    first = accept.partition(",")[0].partition(";")[0]
    return first.strip().lower() == CSV

"""How the rows of a text file are written: separator, quotes, header, comments, encoding.

The separator is the one that makes the first rows into a table: names that are known, rows of the
same width. Compared with the sniffers of DuckDB, CleverCSV and the standard library on 26 ways to
write ratings (docs/data.md), this reads all of them, for it knows what columns it is looking for.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from components.errors import DataError
from components.example_gen.formats import column_roles, text

HEAD_BYTES = 1 << 16
DELIMITERS = (",", ";", "\t", "|", "::", " ")
MAX_COLUMNS = 2_000
UNIT = "\x1f"  # ASCII's unit separator stands in for delimiters that csv readers do not know
_COMMENT = re.compile(r"(#|%%|//|sep=.$)")
_SAMPLE_ROWS = 200
_SCORED_LINES = 60
_NUMBER = re.compile(r"\s*-?\d+([.,]\d*)?([eE][-+]?\d+)?\s*$")
_ROLES = (*column_roles.RATING_ROLES, *column_roles.MOVIE_ROLES[1:], *column_roles.USER_ROLES[1:])


@dataclass(frozen=True)
class Dialect:
    """How a text file of rows is written.

    Attributes:
        delimiter: What stands between two values, as in the file; " " is any run of blanks.
        header: Whether the first line (after `skip`) holds the names of the columns.
        quoted: Whether values may stand in double quotes (RFC 4180).
        skip: Lines before that: comments.
        encoding: One of text.ENCODINGS.
        decimal: The decimal sign of numbers.
    """

    delimiter: str
    header: bool
    quoted: bool
    skip: int = 0
    encoding: str = text.UTF8
    decimal: str = "."

    @property
    def reader_delimiter(self) -> str:
        """The delimiter of one character that `to_reader` puts in its place."""
        return UNIT if self.delimiter in ("::", " ") else self.delimiter

    def describe(self) -> str:
        """Returns the dialect as text for a person."""
        names = {",": "comma", ";": "semicolon", "\t": "tab", "|": "pipe", " ": "blanks"}
        parts = [
            f"separated by {names.get(self.delimiter, self.delimiter)}",
            "with a header" if self.header else "no header",
            {"utf-8": "UTF-8", "utf-16": "UTF-16", "windows-1252": "Windows-1252"}[self.encoding],
        ]
        parts += ["quoted values"] * self.quoted
        parts += ["decimal comma"] * (self.decimal == ",")
        parts += [f"{self.skip} lines of comments before"] * bool(self.skip)
        return ", ".join(parts)


@dataclass(frozen=True)
class Wanted:
    """What the settings say of a file's dialect; None is to be found out."""

    delimiter: str | None = None
    header: bool | None = None
    encoding: str | None = None
    decimal: str | None = None
    columns: Sequence[str | int] = ()


def split_rows(content: str, delimiter: str, quoted: bool) -> list[list[str]]:
    """Returns the values of the first rows of a text; blank lines are left out."""
    if delimiter == " ":
        return [line.split() for line in content.split("\n")[:_SAMPLE_ROWS] if line.strip()]
    if delimiter == "::":
        content, delimiter = content.replace("::", UNIT), UNIT
    reader = csv.reader(
        io.StringIO(content, newline=""),
        delimiter=delimiter,
        quoting=csv.QUOTE_MINIMAL if quoted else csv.QUOTE_NONE,
    )
    rows = []
    try:
        for row in reader:
            if row:
                rows.append(row)
            if len(rows) == _SAMPLE_ROWS:
                break
    except csv.Error:  # a quote that never closes swallows all that follows
        pass
    return rows


def _closed_quotes(content: str, delimiter: str) -> bool:
    """True where values begin and end with quotes, and none only begins with one."""
    d = re.escape(delimiter) if delimiter != " " else r"\s+"
    opened = len(re.findall(rf'(?:^|{d})"', content, re.MULTILINE))
    closed = len(re.findall(rf'(?:^|{d})"(?:[^"]|"")*"(?={d}|$)', content, re.MULTILINE))
    return opened > 0 and opened == closed


def _quoted(content: str, delimiter: str) -> bool:
    return delimiter in (",", ";") or _closed_quotes(content, delimiter)


def _width(rows: Sequence[Sequence[str]]) -> tuple[int, float]:
    """Returns the number of values that most rows have, and the share of rows that have it."""
    width, count = Counter(map(len, rows)).most_common(1)[0]
    return width, count / len(rows)


def _score(content: str, delimiter: str) -> tuple[int, float, int]:
    """Returns how much a delimiter makes a table of the text; all zero where it does not."""
    rows = split_rows(content, delimiter, _quoted(content, delimiter))
    if not rows:
        return 0, 0, 0
    width, share = _width(rows)
    if width < 2 or (delimiter == " " and share < 0.95):
        return 0, 0, 0
    known = _known_names(rows[0])
    return (known if known > 1 else 0), round(share, 1), width


def _known_names(names: Sequence[str]) -> int:
    """Returns how many values of a row are names of columns."""
    if len(names) > MAX_COLUMNS:
        return 0
    return len(column_roles.guess(names, _ROLES)) + (column_roles.movie_id(names) is not None)


def _is_header(rows: list[list[str]], columns: Sequence[str | int]) -> bool:
    """Tells names of columns from a first row of values."""
    first, others = rows[0], rows[1:]
    if any(isinstance(column, str) and column for column in columns):
        return True
    if _known_names(first) > 1:
        return True
    for position, name in enumerate(first):
        values = [row[position] for row in others if position < len(row)]
        numbers = sum(bool(_NUMBER.match(value)) for value in values)
        if values and numbers > 0.9 * len(values) and name.strip() and not _NUMBER.match(name):
            return True
    return False


def sample_text(head: bytes, encoding: str, whole: bool, path: str) -> str:
    """Returns the whole lines at the start of a text, with LF as line end.

    Args:
        head: The first bytes.
        encoding: One of text.ENCODINGS.
        whole: Whether that is all of the text.
        path: For the message.

    Raises:
        DataError: If there is no line, or the first one does not end within `head`.
    """
    content = "\n".join(text.lines(head, encoding))
    if not whole:
        last = content.rfind("\n")
        if last < 0:
            raise DataError(
                f"{path}, line 1: longer than {len(head):,} bytes; accepted are rows of user, "
                "movie, …, one a line"
            )
        content = content[: last + 1]
    if not content.strip():
        raise DataError(
            f"{path}: the file is empty; accepted are rows of user, movie, rating, time"
        )
    return content


def sniff(content: str, encoding: str, wanted: Wanted) -> tuple[Dialect, list[list[str]]]:
    """Returns the dialect of a text, and its first rows, the header among them.

    Args:
        content: Whole lines from the start of the file.
        encoding: Its encoding.
        wanted: What is known already.
    """
    lines = content.split("\n")
    skip = 0
    while skip < len(lines) and _COMMENT.match(lines[skip].lstrip()):
        skip += 1
    content = "\n".join(lines[skip:])
    if wanted.delimiter:
        delimiter = wanted.delimiter
    else:
        start = "\n".join(lines[skip : skip + _SCORED_LINES])
        scores = {delimiter: _score(start, delimiter) for delimiter in DELIMITERS}
        delimiter = max(scores, key=lambda d: scores[d])
    quoted = _quoted(content, delimiter)
    rows = split_rows(content, delimiter, quoted) or [[""]]
    header = _is_header(rows, wanted.columns) if wanted.header is None else wanted.header
    dialect = Dialect(delimiter, header, quoted, skip, encoding, wanted.decimal or ".")
    return dialect, rows

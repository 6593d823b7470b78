"""The rows that every shape holds, and how they are written plainly."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

USERS, MOVIES, PER_USER = 12, 20, 8
FIRST = 978_300_000  # a second of 31 December 2000


class Row(NamedTuple):
    """One interaction as a run reads it; the weight is 1 where the data have none."""

    user: str
    movie: str
    rating: float
    time: int
    weight: float = 1.0


class Title(NamedTuple):
    """One movie of the catalogue."""

    movie: str
    title: str
    genres: str


def make_rows() -> list[Row]:
    """Returns rows by user, whose times are at different hours of different days."""
    rng = random.Random(5)
    rows = []
    for user in range(1, USERS + 1):
        for movie in rng.sample(range(1, MOVIES + 1), PER_USER):
            day, second = rng.randrange(400), rng.randrange(86_400)
            time = FIRST + 86_400 * day + second
            rows.append(Row(str(user), str(movie), float(rng.randint(1, 5)), time))
    return rows


ROWS = make_rows()
TITLES = [
    Title(str(n), f"Film {n}, the {'Kite' if n % 2 else 'Map'} ({1980 + n})", "Comedy|Drama")
    for n in range(1, MOVIES + 1)
]
HEADER = ("userId", "movieId", "rating", "timestamp")
TITLE_HEADER = ("movieId", "title", "genres")


@dataclass(frozen=True)
class Shape:
    """One way in which people have their data.

    Attributes:
        name: What it is; docs/data.md uses the same words.
        write: Writes it into a folder.
        rows: What a run must read.
        settings: Settings that it needs: fields of DataConfig.
        titles: What the catalogue must hold; None: ids as titles.
        same: Whether the Examples are those of the plain shape, byte by byte.
        warning: Part of a warning that inspection must give.
        error: Part of the one line with which it is refused.
        facts: Facts that inspection must state: path of keys → value.
    """

    name: str
    write: Callable[[Path], None]
    rows: Sequence[Row] = tuple(ROWS)
    settings: dict[str, Any] = field(default_factory=dict)
    titles: Sequence[Title] | None = tuple(TITLES)
    same: bool = True
    warning: str = ""
    error: str = ""
    facts: dict[str, Any] = field(default_factory=dict)


def number(value: float) -> str:
    """Writes 3.0 as 3 and 3.5 as 3.5."""
    return f"{value:g}"


def cells(rows: Iterable[Row] = ROWS) -> list[list[str]]:
    """Returns the four columns of plain files as text."""
    return [[r.user, r.movie, number(r.rating), str(r.time)] for r in rows]


def quoted(value: str, delimiter: str) -> str:
    """Quotes a value where RFC 4180 asks for it."""
    if any(char in value for char in (delimiter, '"', "\n", "\r")):
        return '"' + value.replace('"', '""') + '"'
    return value


def table(
    lines: Iterable[Sequence[str]],
    header: Sequence[str] | None = HEADER,
    delimiter: str = ",",
    end: str = "\n",
    quote: Callable[[str, str], str] = quoted,
) -> str:
    """Returns lines as text with separators."""
    every = [*([header] if header else []), *lines]
    return "".join(delimiter.join(quote(v, delimiter) for v in line) + end for line in every)


def write_titles(folder: Path) -> None:
    """Writes the plain catalogue."""
    (folder / "movies.csv").write_text(table(TITLES, TITLE_HEADER), encoding="utf-8")


def plain(folder: Path) -> None:
    """Writes the plain shape: comma, header, seconds."""
    (folder / "ratings.csv").write_text(table(cells()), encoding="utf-8")
    write_titles(folder)


def ratings(
    content: str | bytes, name: str = "ratings.csv", titles: bool = True
) -> Callable[[Path], None]:
    """Returns a function that writes a file of interactions, and the plain catalogue."""

    def write(folder: Path) -> None:
        data = content if isinstance(content, bytes) else content.encode()
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        if titles:
            write_titles(folder)

    return write


def catalogue(content: str | bytes, name: str = "movies.csv") -> Callable[[Path], None]:
    """Returns a function that writes the plain interactions and another catalogue."""

    def write(folder: Path) -> None:
        (folder / "ratings.csv").write_text(table(cells()), encoding="utf-8")
        data = content if isinstance(content, bytes) else content.encode()
        (folder / name).write_bytes(data)

    return write

"""The genres of movies, from the ways in which a column of text lists them."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterable, Sequence
from typing import Any

# The first of them that stands anywhere in a column separates its genres; those after it may be
# part of a name, as in "Sci-Fi, Fantasy|Drama".
SEPARATORS = ("|", ";", ",", "/")
_NO_GENRES = frozenset({"", "(no genres listed)", "unknown", "\\n", "nan", "none", "null"})
# A longer text is no list of genres; parsing it might take long.
_LONGEST_LITERAL = 10_000
# With fewer movies than this, each may well have a genre of its own.
_FEW_MOVIES = 20


def separator_of(column: Iterable[str]) -> str:
    """Returns the separator of a column of genres, decided on all its values together."""
    used = {letter for value in column if not _is_literal(value) for letter in value}
    return next((separator for separator in SEPARATORS if separator in used), SEPARATORS[0])


def split_genres(names: str, separator: str = SEPARATORS[0]) -> tuple[str, ...]:
    """Splits a text into genres, each once; "(no genres listed)" and the like are none.

    Args:
        names: Genres with separators, as "Comedy|Drama"; a JSON or Python list of names or of
            objects with a name, as TMDB has it; or "{Comedy,Drama}".
        separator: What separates genres that are no such list.
    """
    names = names.strip()
    found = _literal_names(names) if _is_literal(names) else names.split(separator)
    genres = (genre.strip() for genre in found)
    return tuple(dict.fromkeys(genre for genre in genres if genre.lower() not in _NO_GENRES))


def genre_warnings(genres: Iterable[Sequence[str]]) -> list[str]:
    """Returns a warning where nearly no two movies share a genre: what was split are no genres.

    Args:
        genres: The genres of each movie.
    """
    with_genres = [of_movie for of_movie in genres if of_movie]
    distinct = dict.fromkeys(genre for of_movie in with_genres for genre in of_movie)
    if len(with_genres) < _FEW_MOVIES or len(distinct) <= len(with_genres) / 2:
        return []
    return [
        f"{len(with_genres):,} movies have {len(distinct):,} different genres, so nearly no two "
        f"share one (the first is {next(iter(distinct))!r}); is the column of genres another one, "
        "or separated in another way?"
    ]


def _is_literal(text: str) -> bool:
    """Says whether a text is in brackets or braces."""
    return text.strip()[:1] + text.strip()[-1:] in ("[]", "{}")


def _literal_names(text: str) -> list[str]:
    """Returns the names in a JSON or Python literal, or between brackets and commas."""
    value = _parse(text)
    if isinstance(value, dict):
        value = [value]
    if not isinstance(value, list):
        return [name.strip().strip("\"'") for name in text[1:-1].split(",")]
    items = (item.get("name") if isinstance(item, dict) else item for item in value)
    return [item for item in items if isinstance(item, str)]


def _parse(text: str) -> Any:
    """Returns the value of a literal; None where it is none, or longer than one would be."""
    if len(text) > _LONGEST_LITERAL:
        return None
    for parse in (json.loads, ast.literal_eval):
        try:
            return parse(text)
        except (MemoryError, RecursionError):
            return []  # nested so deeply, it names nothing
        except (ValueError, SyntaxError, TypeError):
            continue
    return None

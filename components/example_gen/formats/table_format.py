"""The columns of a file and how its rows are written, whatever its container."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from components.errors import DataError, shown
from components.example_gen.formats import column_roles, time_formats
from components.example_gen.formats.column_roles import (
    MOVIE,
    MOVIE_ROLES,
    RATING,
    RATING_ROLES,
    TIMESTAMP,
    TITLE,
    USER,
    USER_ROLES,
)
from components.example_gen.formats.dialect import Dialect
from components.example_gen.formats.raw_table import CSV, PARQUET, RawTable

# What a value in the rating column says.
RATINGS, LIKES, COUNTS, IMPLICIT = "ratings", "likes", "counts", "implicit"
_KINDS = (RATINGS, LIKES, COUNTS)
# Role → column by name or position; null: no column has the role.
Columns = Mapping[str, "str | int | None"]
_FRACTION = re.compile(r"\s*-?\d*[.,]\d*[1-9]\d*\s*$")


class NoColumnError(DataError):
    """A file does not have a column that a setting names."""


@dataclass(frozen=True)
class TableFormat:
    """How the rows of one file are read.

    Attributes:
        kind: csv, json or parquet.
        names: Names of the columns in the file, in its order.
        roles: Role → position of its column.
        dialect: How a csv is written; None for the others.
        time_format: strptime format of the times; "": numbers since 1970 or ISO 8601.
        values: What the rating column holds: ratings, likes, counts; implicit without one.
        flags: (genre, position) of columns that hold 1 where the movie is of the genre.
        why: Role → the reason for the choice, for a person.
    """

    kind: str
    names: tuple[str, ...]
    roles: Mapping[str, int]
    dialect: Dialect | None = None
    time_format: str = ""
    values: str = RATINGS
    flags: tuple[tuple[str, int], ...] = ()
    why: Mapping[str, str] = field(default_factory=dict)

    def shape(self) -> str:
        """Returns the columns as a row holds them, for messages."""
        delimiter = self.dialect.delimiter if self.dialect else ", "
        return shown(delimiter.join(self.names).replace("\t", "<TAB>"), 120, quote=False)

    def name_of(self, role: str) -> str:
        """Returns the name of the column of a role."""
        return self.names[self.roles[role]]


@dataclass(frozen=True)
class TableFile:
    """A file and how it is read.

    Attributes:
        path: The file.
        format: How its rows are written.
        constants: Role → value of all its rows, from folders such as `event=view`.
    """

    path: str
    format: TableFormat
    constants: Mapping[str, str] = field(default_factory=dict)


def _settled(raw: RawTable, columns: Columns, setting: str) -> dict[str, int]:
    """Returns role → position of the columns that a setting names.

    Raises:
        DataError: If the file has no such column, or several of the name.
    """
    result = {}
    for role, column in columns.items():
        if column is None:
            continue
        if isinstance(column, int):
            if not 0 <= column < len(raw.names):
                raise NoColumnError(
                    f"{raw.path}: no column {column} for {setting}.{role}; accepted: 0 to "
                    f"{len(raw.names) - 1}"
                )
            result[role] = column
        elif raw.names.count(column) == 1:
            result[role] = raw.names.index(column)
        else:
            problem = "several columns" if column in raw.names else "no column"
            raise NoColumnError(
                f"{raw.path}: {problem} {column!r} for {setting}.{role}; the file has "
                f"{shown(', '.join(raw.names), 200, quote=False)}"
            )
    return result


def _refuse_rivals(raw: RawTable, role: str, guess: column_roles.Guess, setting: str) -> None:
    names = [raw.names[position] for position in (guess.position, *guess.rivals)]
    example = f"{{{role}: {names[0] if len(set(names)) == len(names) else guess.position}}}"
    raise DataError(
        f"{raw.path}: columns {' and '.join(repr(name) for name in names)} can both be the {role}; "
        f"name one: --set '{setting}={example}'"
    )


def _guessed(
    raw: RawTable, roles: Sequence[str], columns: Columns, setting: str
) -> tuple[dict[str, int], dict[str, str]]:
    """Returns role → position and role → reason, from the settings and then by the names."""
    settled = _settled(raw, columns, setting)
    why = dict.fromkeys(settled, f"the setting {setting}")
    if raw.kind == CSV and raw.dialect is not None and not raw.dialect.header:
        return settled, why
    taken = set(settled.values())
    names = ["" if position in taken else name for position, name in enumerate(raw.names)]
    guesses = column_roles.guess(names, [role for role in roles if role not in columns])
    for role, guess in guesses.items():
        if guess.rivals and role in (USER, MOVIE, RATING):
            _refuse_rivals(raw, role, guess, setting)
        settled[role], why[role] = guess.position, guess.why
        if guess.rivals:
            also = ", ".join(repr(raw.names[position]) for position in guess.rivals)
            why[role] += f", and so would {also}: the first is taken"
    return settled, why


def _is_number(value: str) -> bool:
    try:
        float(value.replace(",", "."))
    except ValueError:
        return False
    return True


def _looks_like_times(values: Sequence[str]) -> bool:
    numbers = [float(value) for value in values if _is_number(value)]
    if numbers:
        return len(numbers) > 0.9 * len(values) and min(numbers) >= 1e8
    return all(re.match(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}", value) for value in values)


def _looks_like_ratings(values: Sequence[str]) -> bool:
    numbers = [float(value.replace(",", ".")) for value in values if _is_number(value)]
    few = len(set(numbers)) <= max(2, min(100, 0.8 * len(numbers)))
    return len(numbers) > 0.9 * len(values) and few and max(map(abs, numbers), default=0) <= 100


def _look_like_ids(users: Sequence[str], movies: Sequence[str]) -> bool:
    """True where neither column has fractions, and at least one has a value twice."""
    fractions = any(_FRACTION.match(value) for value in (*users, *movies))
    return not fractions and any(len(set(ids)) < len(ids) for ids in (users, movies))


def _usual_order(raw: RawTable) -> dict[str, int]:
    """Returns the roles of a file without header that is in the usual order; else nothing.

    The order is user, movie, then rating and time as far as there are such, each recognised by its
    values.
    """
    width = len(raw.names)
    if not 2 <= width <= 4 or not _look_like_ids(raw.column(0), raw.column(1)):
        return {}
    roles = {USER: 0, MOVIE: 1}
    for position in range(2, width):
        values = [value for value in raw.column(position) if value.strip()]
        if TIMESTAMP not in roles and values and _looks_like_times(values):
            roles[TIMESTAMP] = position
        elif RATING not in roles and values and _looks_like_ratings(values):
            roles[RATING] = position
        else:
            return {}
    return roles


def _value_kind(name: str) -> str:
    """Returns what a rating column of this name holds."""
    fit = column_roles.fit(name, RATING)
    return RATINGS if fit is None else _KINDS[fit.rank // 2]


def as_ratings(
    raw: RawTable, columns: Columns, time_format: str | None = None
) -> TableFormat | None:
    """Returns how the file is read as one of interactions; None if it has no users or no movies.

    Args:
        raw: The file.
        columns: The setting data.columns.
        time_format: The setting data.time_format; None: found out.

    Raises:
        DataError: If a column is named that it does not have, or several fit.
    """
    roles, why = _guessed(raw, RATING_ROLES, columns, "data.columns")
    headless = raw.dialect is not None and not raw.dialect.header
    if headless and not {USER, MOVIE} & roles.keys():
        roles = _usual_order(raw)
        why = dict.fromkeys(roles, "no header; the usual order, and its values look like it")
    if not {USER, MOVIE} <= roles.keys():
        return None
    if time_format is None:
        time_format = ""
        if TIMESTAMP in roles and raw.kind != PARQUET:
            position = roles[TIMESTAMP]
            time_format = time_formats.detect(raw.column(position), raw.path, raw.names[position])
    values = IMPLICIT
    if RATING in roles:
        values = RATINGS if RATING in columns or headless else _value_kind(raw.names[roles[RATING]])
    return TableFormat(raw.kind, raw.names, roles, raw.dialect, time_format, values, why=why)


def _own_id(raw: RawTable, roles: dict[str, int], why: dict[str, str], key: str) -> None:
    """Takes a column called `id` for the key where no column says that it is the key's id."""
    position = column_roles.movie_id(raw.names)
    named = (
        key in roles and (fit := column_roles.fit(raw.names[roles[key]], key)) and not fit.rank % 2
    )
    if position is None or named or position in roles.values():
        return
    roles[key], why[key] = position, f"the name {raw.names[position]!r} fits"


def as_movies(raw: RawTable, columns: Columns) -> TableFormat | None:
    """Returns how the file is read as a catalogue; None if it has no movie ids, or only them.

    Raises:
        DataError: As `as_ratings`.
    """
    roles, why = _guessed(raw, MOVIE_ROLES, columns, "data.movie_columns")
    if MOVIE not in columns:
        before = roles.get(MOVIE)
        _own_id(raw, roles, why, MOVIE)
        if before is not None and roles[MOVIE] != before and TITLE not in roles:
            roles[TITLE], why[TITLE] = before, f"the name {raw.names[before]!r} fits"
    if MOVIE not in roles or len(roles) < 2:
        return None
    return TableFormat(raw.kind, raw.names, roles, raw.dialect, why=why)


def as_users(raw: RawTable, columns: Columns) -> TableFormat | None:
    """Returns how the file is read as one of users; None if it has no user ids, or only them.

    Raises:
        DataError: As `as_ratings`.
    """
    roles, why = _guessed(raw, USER_ROLES, columns, "data.user_columns")
    if USER not in columns:
        _own_id(raw, roles, why, USER)
    if USER not in roles or len(roles) < 2:
        return None
    return TableFormat(raw.kind, raw.names, roles, raw.dialect, why=why)

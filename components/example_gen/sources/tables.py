"""Finds files by what is in them: which has users and items, which the titles, which the users.

A table is a file, or a folder of part files as Spark, polars and DuckDB write them.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from components.errors import DataError
from components.example_gen.config import DataConfig
from components.example_gen.formats import containers, files
from components.example_gen.formats.column_roles import EVENT, RATING, TITLE
from components.example_gen.formats.dialect import Wanted
from components.example_gen.formats.raw_table import RawTable, read_raw
from components.example_gen.formats.table_format import (
    IMPLICIT,
    TableFile,
    TableFormat,
    as_movies,
    as_ratings,
    as_users,
)

RATINGS, MOVIES, USERS = "ratings", "movies", "users"
_PARTITION = re.compile(r"([^=/]+)=([^=/]+)")
_DIGITS = re.compile(r"\d+")
# Beginnings of names by which people call such files, most certain first.
_NAMES: Mapping[str, tuple[str, ...]] = {
    RATINGS: ("rating", "interaction", "event", "review"),
    MOVIES: ("movie", "item", "product", "book", "artist", "title", "meta"),
    USERS: ("user", "customer", "visitor"),
}
_NO_TABLES = re.compile(
    r"(readme.*|license.*|.*\.(md|py|ipynb|sh|pdf|html?|png|jpe?g|gif|svg|ya?ml|toml|xml|md5|log|"
    r"pkl|npy|npz|h5|pt|sql|db|sqlite|docx?|pptx?|xlsx?))$",
    re.IGNORECASE,
)
NO_RANK = 99
_MAX_DEPTH = 6
_MAX_TABLES = 300


@dataclass(frozen=True)
class Part:
    """A file of a table, and the columns that the names of its folders hold."""

    path: str
    partitions: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Table:
    """A table before it is known what it holds: its files, and the first one looked into."""

    path: str
    parts: tuple[Part, ...]
    raw: RawTable


@dataclass(frozen=True)
class Ignored:
    """A file that is not read, and why."""

    path: str
    why: str


def wanted(config: DataConfig) -> Wanted:
    """Returns what the settings say of the dialect of the interactions."""
    encoding = "windows-1252" if config.encoding == "iso-8859-1" else config.encoding
    columns = [column for column in config.columns.values() if column is not None]
    return Wanted(config.separator, config.header, encoding, config.decimal, tuple(columns))


def _hidden(name: str) -> bool:
    return name.startswith((".", "_"))


def parts_of(path: str, depth: int = 0, partitions: Mapping[str, str] | None = None) -> list[Part]:
    """Returns the files of a table: the path itself, or all in the folder and its partitions."""
    if not files.is_dir(path):
        return [Part(path, dict(partitions or {}))]
    found: list[Part] = []
    for name in files.children(path):
        below = os.path.join(path, name)
        if _hidden(name) or depth >= _MAX_DEPTH:
            continue
        match = _PARTITION.fullmatch(name)
        if match and files.is_dir(below):
            more = {**(partitions or {}), match[1]: match[2]}
            found += parts_of(below, depth + 1, more)
        elif not files.is_dir(below) and files.size(below):
            found.append(Part(below, dict(partitions or {})))
    return found


def is_part_folder(path: str) -> bool:
    """True for a folder that is one table: named so, or with part files or partitions in it."""
    if os.path.splitext(path)[1].lower() in (".parquet", ".csv", ".json", ".jsonl"):
        return True
    names = files.children(path)
    return any(
        name == "_SUCCESS" or name.startswith("part-") or _PARTITION.fullmatch(name)
        for name in names
    )


def _with_partitions(raw: RawTable, part: Part) -> RawTable:
    """Returns the table with the columns that its folders' names hold, after its own."""
    values = tuple(part.partitions.values())
    return replace(
        raw,
        names=(*raw.names, *part.partitions),
        rows=tuple((*row, *values) for row in raw.rows),
    )


def open_table(path: str, hints: Wanted) -> Table:
    """Looks into the first file of a table.

    Raises:
        DataError: If it has no files, or the first is none of those that are read.
    """
    parts = parts_of(path)
    if not parts:
        raise DataError(f"{path}: no files in this folder; accepted is a file or part files")
    raw = _with_partitions(read_raw(parts[0].path, hints), parts[0])
    return Table(path, tuple(parts), raw)


def candidates(paths: Iterable[str], hints: Wanted) -> tuple[list[Table], list[Ignored]]:
    """Returns the tables among paths, numbered files of one kind as one, and what is none.

    Args:
        paths: Files and folders.
        hints: What is known of the dialect of interactions.
    """
    tables: list[Table] = []
    ignored: list[Ignored] = []
    for path in paths:
        name = os.path.basename(path)
        if _hidden(name):
            continue
        if _NO_TABLES.match(name) or (files.is_dir(path) and not is_part_folder(path)):
            ignored.append(Ignored(path, "a folder" if files.is_dir(path) else "no table"))
        elif len(tables) >= _MAX_TABLES:
            ignored.append(Ignored(path, f"more than {_MAX_TABLES} tables"))
        else:
            try:
                tables.append(open_table(path, hints))
            except DataError as error:
                ignored.append(Ignored(path, str(error).removeprefix(f"{path}: ")))
    return _joined(tables), ignored


def _joined(tables: Sequence[Table]) -> list[Table]:
    """Joins tables whose names differ in digits alone and that have the same columns."""
    groups: dict[tuple[object, ...], list[Table]] = {}
    for table in tables:
        name = _DIGITS.sub("#", os.path.basename(table.path))
        columns = len(table.raw.names) if "#" in name else table.raw.names
        groups.setdefault((os.path.dirname(table.path), name, columns, table.raw.kind), []).append(
            table
        )
    return [
        replace(group[0], parts=tuple(part for table in group for part in table.parts))
        for group in groups.values()
    ]


def name_rank(path: str, kind: str) -> int:
    """Returns how much a file's name says that it is of a kind; smaller is more."""
    name = containers.plain_name(path).lower()
    return next((n for n, start in enumerate(_NAMES[kind]) if name.startswith(start)), NO_RANK)


def _rank(table: Table, kind: str, table_format: TableFormat) -> tuple[int, int]:
    """Returns how well a table fits; smaller is better."""
    named = name_rank(table.path, kind)
    if kind == RATINGS:
        return not ({RATING, EVENT} & table_format.roles.keys()), min(named, 1)
    return not (kind != MOVIES or TITLE in table_format.roles), named


def best(fitting: Sequence[tuple[Table, TableFormat]], kind: str) -> Table | None:
    """Returns the table that fits best; None if there is none.

    Raises:
        DataError: If two fit equally well; names both and the option that decides.
    """
    by_rank: dict[tuple[int, int], list[Table]] = {}
    for table, table_format in fitting:
        by_rank.setdefault(_rank(table, kind, table_format), []).append(table)
    if not by_rank:
        return None
    ties = sorted(by_rank[min(by_rank)], key=lambda table: table.path)
    if len(ties) > 1:
        names = " and ".join(table.path for table in ties[:4])
        raise DataError(
            f"{names} can both be the file of {kind}; name one with --{kind} (data.{kind})"
        )
    return ties[0]


def format_of(raw: RawTable, kind: str, config: DataConfig) -> TableFormat | None:
    """Returns how a table is read as one of a kind; None where it is not of it."""
    if kind == RATINGS:
        found = as_ratings(raw, config.columns, config.time_format)
        return _with_values(found, config) if found else None
    if kind == MOVIES:
        return as_movies(raw, config.movie_columns)
    return as_users(raw, config.user_columns)


def _with_values(table_format: TableFormat, config: DataConfig) -> TableFormat:
    """Applies data.values."""
    if config.values == "auto":
        return table_format
    roles = dict(table_format.roles)
    if config.values == IMPLICIT:
        roles.pop(RATING, None)
    return replace(table_format, roles=roles, values=config.values if RATING in roles else IMPLICIT)


def table_files(table: Table, kind: str, config: DataConfig) -> tuple[TableFile, ...]:
    """Returns the files of a table and how each is read.

    Raises:
        DataError: If a file does not have the columns of the first.
    """
    first = format_of(table.raw, kind, config)
    assert first is not None
    others = (_part_format(table, part, first, kind, config) for part in table.parts[1:])
    return tuple(map(_table_file, table.parts, (first, *others)))


def _part_format(
    table: Table, part: Part, first: TableFormat, kind: str, config: DataConfig
) -> TableFormat:
    """Returns how another file of a table is read: its own columns, or the first one's."""
    hints = wanted(config) if kind == RATINGS else Wanted()
    if first.dialect is not None:
        hints = replace(
            hints, delimiter=first.dialect.delimiter, header=False, decimal=first.dialect.decimal
        )
    raw = _with_partitions(read_raw(part.path, hints), part)
    if first.dialect is not None and raw.dialect is not None:
        own = table.raw.names[: len(table.raw.names) - len(part.partitions)]
        row = tuple(value.strip() for value in raw.rows[0][: len(own)])
        again = bool(first.dialect.header and row == own)
        if len(raw.names) == len(first.names):
            return replace(first, dialect=replace(raw.dialect, header=again))
    found = format_of(raw, kind, config)
    if raw.dialect is not None or found is None or found.roles.keys() != first.roles.keys():
        raise DataError(
            f"{part.path}: the columns are not those of {table.parts[0].path}; accepted are parts "
            "of one table"
        )
    return found


def _table_file(part: Part, table_format: TableFormat) -> TableFile:
    """Moves roles of partition columns from the format to constants."""
    own = len(table_format.names) - len(part.partitions)
    values = tuple(part.partitions.values())
    constants = {
        role: values[position - own]
        for role, position in table_format.roles.items()
        if position >= own
    }
    roles = {role: p for role, p in table_format.roles.items() if p < own}
    return TableFile(
        part.path, replace(table_format, names=table_format.names[:own], roles=roles), constants
    )


def named(path: str, folders: Iterable[str], kind: str) -> list[str]:
    """Returns the files and folders that a setting such as data.ratings names.

    Args:
        path: A path or glob, absolute or below the folders.
        folders: Where to look for it.
        kind: Which setting, for the message.

    Raises:
        DataError: If there is nothing of the name; says what lies there.
    """
    alone = os.path.isabs(path) or files.is_remote(path)
    places = [path] if alone else [os.path.join(folder, path) for folder in folders]
    found = [place for place in places if files.exists(place)]
    if not found:  # a name is taken as it is; only what is no name is a glob
        roots = ["/" if not files.is_remote(path) else ""] if alone else list(folders)
        relative = path.lstrip("/") if alone and not files.is_remote(path) else path
        found = sorted({match for root in roots for match in files.matching_all(root, relative)})
    if found:
        return found
    where = os.path.dirname(places[0]) or "."
    inside = ", ".join(files.children(where)[:8]) if files.is_dir(where) else "no such folder"
    raise DataError(f"data.{kind} {places[0]}: does not exist; {where} holds {inside or 'nothing'}")

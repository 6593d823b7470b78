"""Which files of a folder hold interactions, movies and users, and how they are read.

The local runner calls `check_data` before TensorFlow and Beam are imported, so this module imports
neither of them.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from components.errors import DataError, shown
from components.example_gen.config import DataConfig
from components.example_gen.formats import containers, files
from components.example_gen.formats.dialect import Wanted
from components.example_gen.formats.raw_table import read_raw
from components.example_gen.formats.table_format import NoColumnError, TableFile
from components.example_gen.layouts.known import ACCEPTED, BY_NAME
from components.example_gen.sources import tables
from components.example_gen.sources.data_set import DataFiles
from components.example_gen.sources.movielens import (
    OTHER_RATINGS,
    RATING_NAMES,
    check_first_rows,
    layout_of,
    movielens_files,
)
from components.example_gen.sources.tables import MOVIES, RATINGS, USERS, Ignored, Table


def _some(names: Iterable[str]) -> str:
    ordered = sorted(names)
    return ", ".join(ordered[:8]) + (", …" if ordered[8:] else "")


def by_number(path: str) -> list[tuple[int, str]]:
    """Returns a key that sorts span-9 before span-10."""
    parts = re.split(r"(\d+)", path)
    return [(int(part), "") if part.isdecimal() else (0, part) for part in parts]


def _entries(root: str, patterns: Sequence[str]) -> list[str]:
    """Returns the files and folders below `root` that match a pattern, in the order of spans.

    Raises:
        DataError: If there is no such folder.
    """
    if not files.is_dir(root):
        what = "is a file" if files.exists(root) else "does not exist"
        raise DataError(
            f"data root {root}: {what}; a folder is needed with {ACCEPTED} (--ratings names a file)"
        )
    return sorted(
        {path for pattern in patterns for path in files.matching_all(root, pattern)}, key=by_number
    )


def _folders(root: str, patterns: Sequence[str], entries: Sequence[str]) -> list[str]:
    """Returns the folders in which a relative data.ratings is looked for."""
    if list(patterns) == ["*"]:
        return [root]
    return list(dict.fromkeys(os.path.dirname(path) for path in entries)) or [root]


def _explicit(config: DataConfig, kind: str, folders: Sequence[str]) -> list[Table]:
    """Returns the tables that data.ratings, data.movies or data.users names."""
    path = getattr(config, kind)
    if not path:
        return []
    hints = tables.wanted(config) if kind == RATINGS else Wanted()
    found = [tables.open_table(name, hints) for name in tables.named(path, folders, kind)]
    for table in found:
        if tables.format_of(table.raw, kind, config) is None:
            raise DataError(_unfit(table, kind))
    return found


_NEEDED = {RATINGS: "users and one for items", MOVIES: "items and one for titles", USERS: "users"}
_SETTING = {RATINGS: "columns", MOVIES: "movie_columns", USERS: "user_columns"}
_EXAMPLE = {
    RATINGS: "{user: NAME, movie: NAME}",
    MOVIES: "{movie: NAME, title: NAME}",
    USERS: "{user: NAME, gender: NAME}",
}


def _unfit(table: Table, kind: str) -> str:
    """Returns why a table that was named cannot be read as one of a kind."""
    raw = table.raw
    header = raw.dialect is None or raw.dialect.header
    columns = ", ".join(raw.names) if header else f"no header, {len(raw.names)} columns"
    example = _EXAMPLE[kind] if header else _EXAMPLE[kind].replace("NAME", "POSITION")
    return (
        f"{raw.path}: no column for {_NEEDED[kind]} in {shown(columns, 200, quote=False)}; "
        f"name them: --set 'data.{_SETTING[kind]}={example}'"
    )


def _from_tables(
    paths: Sequence[str],
    shared: Sequence[str],
    folders: Sequence[str],
    layout: str,
    config: DataConfig,
    where: str,
) -> DataFiles:
    """Returns the files that are named, and those found by what is in them.

    Args:
        paths: Files and folders that the run may read.
        shared: Those of the data folder itself, for movies and users of many spans.
        folders: Where named files are looked for.
        layout: Container that the interactions must have; "" for any.
        config: Settings.
        where: The data folder, for messages.

    Raises:
        DataError: If no file has users and items, or two could be meant.
    """
    named = {kind: _explicit(config, kind, folders) for kind in (RATINGS, MOVIES, USERS)}
    if config.ratings:  # whatever else lies beside it: only what is called so is looked into
        paths = [path for path in paths if _may_be_beside(path)]
    found, ignored = tables.candidates(paths, tables.wanted(config))
    if layout:
        found = [
            table for table in found if layout == table.raw.kind or not _is_ratings(table, config)
        ]
    ratings = named[RATINGS] or _per_folder(found, RATINGS, config)
    if not ratings:
        raise DataError(_nothing_found(paths, found, ignored, layout, where))
    others = [table for table in found if table not in ratings and not _is_ratings(table, config)]
    if tables.wanted(config) != Wanted():  # the settings are those of the interactions
        others, _ = tables.candidates([table.path for table in others], Wanted())
    beside, _ = tables.candidates([p for p in shared if p not in paths], Wanted())
    chosen = {
        kind: named[kind] or _per_folder(others, kind, config) or _per_folder(beside, kind, config)
        for kind in (MOVIES, USERS)
    }
    data = DataFiles(
        ratings[0].raw.kind,
        _files_of(ratings, RATINGS, config),
        _files_of(chosen[MOVIES], MOVIES, config),
        _files_of(chosen[USERS], USERS, config),
    )
    unused = [
        table.path for table in found if not {part.path for part in table.parts} & {*data.paths}
    ]
    reasons = (*ignored, *(Ignored(path, "other columns") for path in unused))
    return replace(data, ignored=reasons)


def _may_be_beside(path: str) -> bool:
    return any(tables.name_rank(path, kind) < tables.NO_RANK for kind in (MOVIES, USERS))


def _files_of(group: Sequence[Table], kind: str, config: DataConfig) -> tuple[TableFile, ...]:
    return tuple(file for table in group for file in tables.table_files(table, kind, config))


def _is_ratings(table: Table, config: DataConfig) -> bool:
    try:
        return tables.format_of(table.raw, RATINGS, config) is not None
    except NoColumnError:
        return False
    except DataError:
        return True  # several columns can be the user or the movie


def _per_folder(found: Sequence[Table], kind: str, config: DataConfig) -> list[Table]:
    """Returns the best table of each folder, in the order of spans."""
    by_folder: dict[str, list[Table]] = {}
    for table in found:
        by_folder.setdefault(os.path.dirname(table.path), []).append(table)
    chosen = (_best_of(group, kind, config) for group in by_folder.values())
    return [table for table in chosen if table is not None]


def _best_of(found: Sequence[Table], kind: str, config: DataConfig) -> Table | None:
    """Returns the table of a folder that fits a kind best.

    Raises:
        DataError: If two could be meant, or the only one has columns that could.
    """
    fitting, errors = [], []
    for table in sorted(found, key=lambda table: tables.name_rank(table.path, kind)):
        try:
            table_format = tables.format_of(table.raw, kind, config)
        except DataError as error:
            errors.append(error)
            continue
        if table_format is not None:
            fitting.append((table, table_format))
    if not fitting and errors and kind == RATINGS:
        raise errors[0]
    return tables.best(fitting, kind)


def _nothing_found(
    paths: Sequence[str],
    found: Sequence[Table],
    ignored: Sequence[Ignored],
    layout: str,
    where: str,
) -> str:
    """Returns why no file of interactions was found."""
    by_name = [i for i in ignored if containers.plain_name(i.path) in RATING_NAMES]
    if by_name:
        return f"{by_name[0].path}: {by_name[0].why}"
    unfit = [table for table in found if containers.plain_name(table.path) in RATING_NAMES]
    if unfit:
        return _unfit(unfit[0], RATINGS)
    if layout:
        name = next((n for n, kind in OTHER_RATINGS.items() if kind == layout), "ratings.json")
        return f"{where}: {name} missing for layout {layout}; accepted: {ACCEPTED}"
    if len(found) == 1 and len(paths) == 1:
        return _unfit(found[0], RATINGS)
    refused = [i for i in ignored if i.why not in ("no table", "a folder")]
    if len(paths) == 1 and refused:
        return f"{refused[0].path}: {refused[0].why}"
    names = _some(os.path.basename(path) for path in paths) or "nothing"
    lines = [
        f"{os.path.basename(t.path)} has {shown(', '.join(t.raw.names), 80, quote=False)}"
        for t in found
    ]
    lines += [f"{os.path.basename(i.path)}: {shown(i.why, 80, quote=False)}" for i in refused]
    seen = f"; {'; '.join(lines[:3])}" if lines else ""
    return (
        f"{where}: no file with users and items (it holds {names}{seen}); accepted: {ACCEPTED}; "
        "--ratings FILE and --set 'data.columns={user: NAME, movie: NAME}' name them"
    )


def locate(root: str, patterns: Sequence[str], config: DataConfig | None = None) -> DataFiles:
    """Returns the data set whose files below `root` match the patterns.

    Where these include no file of movies or users, those directly in `root` are taken: one
    catalogue for many spans.

    Args:
        root: Folder of the data.
        patterns: Globs of files and folders below it.
        config: Settings; default: everything is found out.

    Raises:
        DataError: If there are no such files, several could be meant, or a file is missing.
    """
    config = config or DataConfig()
    paths, where = _entries(root, patterns), f"data root {root}"
    shared = files.matching_all(root, "*")
    if not (config.ratings or config.columns or tables.wanted(config) != Wanted()):
        layout = layout_of(paths, shared, config.layout, where)
        if layout in BY_NAME:
            return movielens_files(BY_NAME[layout], paths, shared, where)
    else:
        layout = ""
    folders = _folders(root, patterns, paths)
    return _from_tables(paths, shared, folders, layout, config, where)


def has_ratings(folder: str, config: DataConfig) -> bool:
    """True where a folder itself holds a file of interactions, or one that could be."""
    if config.ratings:
        path = os.path.join(folder, config.ratings)
        return files.exists(path) or bool(files.matching_all(folder, config.ratings))
    names = {containers.plain_name(name) for name in files.children(folder)}
    if names & RATING_NAMES:
        return True
    found, _ = tables.candidates(files.matching_all(folder, "*"), tables.wanted(config))
    return any(_is_ratings(table, config) for table in found)


def check_data(root: str, config: DataConfig, patterns: Sequence[str] = ("*",)) -> DataFiles:
    """Looks at the data before anything heavy starts: files, sizes, headers, first rows.

    Args:
        root: Folder of the data.
        config: Settings.
        patterns: Which files below `root`, as in ExampleGen's input configuration.

    Returns:
        The files, which are all there and begin as they should.

    Raises:
        DataError: Says what is wrong with which file and what would be accepted.
    """
    data = locate(root, patterns, config)
    for path in data.paths:
        if not files.size(path):
            raise DataError(f"{path}: the file is empty; accepted: {ACCEPTED}")
    for file in data.ratings:
        if data.is_movielens:
            check_first_rows(file, data.layout)
        elif not read_raw(file.path, tables.wanted(config)).rows and file is data.ratings[0]:
            raise DataError(f"{file.path}: no rows below the header; accepted are rows of ratings")
    return data

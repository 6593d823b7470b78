"""Which files of a folder hold interactions, movies and users, and how they are read.

The local runner calls `check_data` before TensorFlow and Beam are imported, so this module imports
neither of them.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from components.errors import DataError
from components.example_gen.config import AUTO, DataConfig
from components.example_gen.formats import containers, files, text, time_formats
from components.example_gen.formats.column_roles import MOVIE_ROLES, RATING, TIMESTAMP, USER_ROLES
from components.example_gen.formats.dialect import HEAD_BYTES, Wanted, sample_text, split_rows
from components.example_gen.formats.table_format import (
    COUNTS,
    NoColumnError,
    TableFormat,
    read_raw,
)
from components.example_gen.layouts.known import (
    ACCEPTED,
    BY_NAME,
    LAYOUTS,
    RATING_COLUMNS,
    RATING_RANGE,
)
from components.example_gen.layouts.layout import FileKind, Layout
from components.example_gen.sources import tables
from components.example_gen.sources.tables import (
    MOVIES,
    RATINGS,
    USERS,
    Ignored,
    Table,
    TableFile,
)

_PLACEHOLDER = re.compile(r"\{(SPAN|VERSION)(:\d+)?\}|\{(YYYY|MM|DD)\}")
# Files that are data even beside another layout's: which of them to read must be said.
_OTHER_RATINGS = {"ratings.csv": "csv", "ratings.parquet": "parquet"}
_RATING_NAMES = frozenset(layout.ratings.name for layout in LAYOUTS) | _OTHER_RATINGS.keys()


@dataclass(frozen=True)
class DataFiles:
    """The files of a data set; several of a kind where several spans are read together.

    Attributes:
        layout: One of MovieLens' layouts, or the container of the interactions.
        ratings: The files with one interaction a row.
        movies: The files with one movie a row; none: the catalogue is what was rated.
        users: The files with one user a row; none: users have no features.
        ignored: What else lies there, and why it is not read.
    """

    layout: str
    ratings: tuple[TableFile, ...]
    movies: tuple[TableFile, ...] = ()
    users: tuple[TableFile, ...] = ()
    ignored: tuple[Ignored, ...] = ()

    @property
    def paths(self) -> tuple[str, ...]:
        """All files that are read; any other file of the folder is ignored."""
        return tuple(file.path for file in self.ratings + self.movies + self.users)

    @property
    def is_movielens(self) -> bool:
        """True for the layouts of MovieLens, whose ids and range of ratings are strict."""
        return self.layout in BY_NAME

    @property
    def has_time(self) -> bool:
        """True where every interaction has a time."""
        return all(
            TIMESTAMP in file.format.roles or TIMESTAMP in file.constants for file in self.ratings
        )

    @property
    def values(self) -> str:
        """What the rating column holds, as in TableFormat."""
        return self.ratings[0].format.values

    def repeats(self, config: DataConfig) -> str:
        """Returns how repeated interactions are joined: last, sum or count."""
        if config.repeats != AUTO:
            return config.repeats
        return "sum" if self.has_weights(config) else "last"

    def has_weights(self, config: DataConfig) -> bool:
        """True where interactions have weights: of events, counts, or joined repeats."""
        counted = self.values == COUNTS or config.event_weights is not None
        return counted or config.repeats in ("sum", "count")


def _some(names: Iterable[str]) -> str:
    ordered = sorted(names)
    return ", ".join(ordered[:8]) + (", …" if ordered[8:] else "")


def by_number(path: str) -> list[tuple[int, str]]:
    """Returns a key that sorts span-9 before span-10."""
    parts = re.split(r"(\d+)", path)
    return [(int(part), "") if part.isdecimal() else (0, part) for part in parts]


def _entries(root: str, patterns: Sequence[str]) -> list[str]:
    """Returns the files and folders below `root` that match a pattern, in the order of spans.

    `{SPAN}`, `{VERSION}` and date specifications that are still in a pattern match anything.

    Raises:
        DataError: If there is no such folder.
    """
    if not files.is_dir(root):
        what = "is a file" if files.exists(root) else "does not exist"
        raise DataError(
            f"data root {root}: {what}; a folder is needed with {ACCEPTED} (--ratings names a file)"
        )
    globs = [_PLACEHOLDER.sub("*", pattern) for pattern in patterns]
    return sorted(
        {path for pattern in globs for path in files.matching_all(root, pattern)}, key=by_number
    )


def _folders(root: str, patterns: Sequence[str], entries: Sequence[str]) -> list[str]:
    """Returns the folders in which a relative data.ratings is looked for."""
    if list(patterns) == ["*"]:
        return [root]
    return list(dict.fromkeys(os.path.dirname(path) for path in entries)) or [root]


def _of_name(paths: Sequence[str], name: str) -> list[str]:
    """Returns the files of a name, compressed or not."""
    return [path for path in paths if containers.plain_name(path) == name]


def _is_movielens_csv(ratings: str, movies: str, layout: Layout) -> bool:
    """Tells MovieLens' own CSV files from others: by headers, range of ratings and times."""
    try:
        raws = [
            read_raw(path, Wanted(delimiter=kind.delimiter))
            for path, kind in ((ratings, layout.ratings), (movies, layout.movies))
        ]
        kinds = (layout.ratings, layout.movies)
        if [(raw.names, raw.dialect) for raw in raws] != [(k.header, k.dialect()) for k in kinds]:
            return False
        times = raws[0].column(RATING_COLUMNS.index(TIMESTAMP))
        if time_formats.detect(times, ratings, TIMESTAMP):
            return False
    except DataError:
        return False
    values = [value for value in raws[0].column(RATING_COLUMNS.index(RATING)) if value]
    return sum(map(_in_range, values)) >= 0.9 * len(values)


def _in_range(value: str) -> bool:
    try:
        return RATING_RANGE[0] <= float(value) <= RATING_RANGE[1]
    except ValueError:
        return True  # counted when it is read


def _recognised(paths: Sequence[str], shared: Sequence[str]) -> list[str]:
    """Returns the names of the layouts that files are in, MovieLens' first."""
    names = {containers.plain_name(path) for path in paths}
    names |= {containers.plain_name(path) for path in shared} - _RATING_NAMES
    found: dict[str, str] = {}
    for layout in LAYOUTS:
        name = layout.ratings.name
        ratings = _of_name(paths, name)
        if not ratings or name in found or not layout.recognises(names):
            continue
        movies = _of_name(paths, layout.movies.name) or _of_name(shared, layout.movies.name)
        if layout.ratings.header and not (
            movies and _is_movielens_csv(ratings[0], movies[0], layout)
        ):
            continue
        found[name] = layout.name
    for name, layout_name in _OTHER_RATINGS.items():
        if name in names and name not in found:
            found[name] = layout_name
    return list(found.values())


def _layout_of(paths: Sequence[str], shared: Sequence[str], wanted: str, where: str) -> str:
    """Returns the layout to read: a name of BY_NAME or OTHER_LAYOUTS; "" for any other."""
    if wanted != AUTO:
        return wanted
    found = _recognised(paths, shared)
    if len(found) > 1:
        raise DataError(
            f"{where}: files of several layouts ({', '.join(found)}); "
            "name the one to read with data.layout"
        )
    return found[0] if found else ""


def _layout_format(path: str, kind: FileKind, roles: tuple[str, ...]) -> TableFormat:
    """Returns how a file of a layout is read, under the names of its own header."""
    table_format = kind.table_format(roles)
    if not kind.header:
        return table_format
    names = read_raw(path, Wanted(delimiter=kind.delimiter, header=True)).names
    if len(names) != len(kind.columns):
        raise DataError(
            f"{path}, line 1: '{text.shorten(','.join(names))}' is no header of the layout; "
            f"accepted: {','.join(kind.columns)}"
        )
    return replace(table_format, names=names)


def _movielens(
    layout: Layout, paths: Sequence[str], shared: Sequence[str], where: str
) -> DataFiles:
    """Returns the files of one of MovieLens' layouts.

    Raises:
        DataError: If one is missing.
    """

    def read(kind: FileKind | None, roles: tuple[str, ...]) -> tuple[TableFile, ...]:
        if kind is None:
            return ()
        found = _of_name(paths, kind.name) or _of_name(shared, kind.name)
        return tuple(TableFile(path, _layout_format(path, kind, roles)) for path in found)

    data = DataFiles(
        layout.name,
        read(layout.ratings, RATING_COLUMNS),
        read(layout.movies, MOVIE_ROLES),
        read(layout.users, USER_ROLES),
    )
    missing = [] if data.ratings else [layout.ratings.name]
    missing += [] if data.movies else [layout.movies.name]
    missing += [layout.users.name] if layout.users and layout.needs_users and not data.users else []
    if missing:
        raise DataError(
            f"{where}: {' and '.join(missing)} missing for layout {layout.name}; "
            f"accepted: {ACCEPTED}"
        )
    others = [path for path in paths if path not in data.paths]
    ignored = tuple(Ignored(path, "no file of the layout") for path in others)
    return replace(data, ignored=ignored)


def _explicit(config: DataConfig, kind: str, folders: Sequence[str]) -> list[Table]:
    """Returns the tables that data.ratings, data.movies or data.users names."""
    path = getattr(config, kind)
    if not path:
        return []
    hints = tables.wanted(config) if kind == RATINGS else Wanted()
    found = [tables.open_table(name, hints) for name in tables.named(path, folders, kind)]
    for table in found:
        if tables.fits(table, kind, config) is None:
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
    shown = ", ".join(raw.names) if header else f"no header, {len(raw.names)} columns"
    example = _EXAMPLE[kind] if header else _EXAMPLE[kind].replace("NAME", "POSITION")
    return (
        f"{raw.path}: no column for {_NEEDED[kind]} in {text.shorten(shown, 200)}; name them: "
        f"--set 'data.{_SETTING[kind]}={example}'"
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
        return tables.fits(table, RATINGS, config) is not None
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
            table_format = tables.fits(table, kind, config)
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
    by_name = [i for i in ignored if containers.plain_name(i.path) in _RATING_NAMES]
    if by_name:
        return f"{by_name[0].path}: {by_name[0].why}"
    unfit = [table for table in found if containers.plain_name(table.path) in _RATING_NAMES]
    if unfit:
        return _unfit(unfit[0], RATINGS)
    if layout:
        name = next((n for n, kind in _OTHER_RATINGS.items() if kind == layout), "ratings.json")
        return f"{where}: {name} missing for layout {layout}; accepted: {ACCEPTED}"
    if len(found) == 1 and len(paths) == 1:
        return _unfit(found[0], RATINGS)
    refused = [i for i in ignored if i.why not in ("no table", "a folder")]
    if len(paths) == 1 and refused:
        return f"{refused[0].path}: {refused[0].why}"
    names = _some(os.path.basename(path) for path in paths) or "nothing"
    lines = [
        f"{os.path.basename(t.path)} has {text.shorten(', '.join(t.raw.names))}" for t in found
    ]
    lines += [f"{os.path.basename(i.path)}: {text.shorten(i.why)}" for i in refused]
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
        layout = _layout_of(paths, shared, config.layout, where)
        if layout in BY_NAME:
            return _movielens(BY_NAME[layout], paths, shared, where)
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
    if names & _RATING_NAMES:
        return True
    found, _ = tables.candidates(files.matching_all(folder, "*"), tables.wanted(config))
    return any(_is_ratings(table, config) for table in found)


def _check_first_rows(file: TableFile, layout: str) -> None:
    """Refuses a file of a layout none of whose first lines is a row of it.

    Raises:
        DataError: With the first line and the expected one.
    """
    head = containers.read_head(file.path, HEAD_BYTES)
    encoding = text.detect_encoding(head, file.path)
    content = sample_text(head, encoding, len(head) < HEAD_BYTES, file.path)
    dialect, names = file.format.dialect, file.format.names
    assert dialect is not None
    lines = [line for line in content.split("\n") if line.strip()]
    rows = split_rows(content, dialect.delimiter, dialect.quoted)
    if any(len(row) == len(names) for row in rows[dialect.header :]):
        return
    if dialect.header and len(lines) < 2:
        raise DataError(f"{file.path}: no rows below the header; accepted are rows of ratings")
    shape = dialect.delimiter.join(names).replace("\t", "<TAB>")
    raise DataError(
        f"{file.path}, line 1: '{text.shorten(lines[0])}' is no row of layout {layout}; "
        f"accepted: {shape}"
    )


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
            _check_first_rows(file, data.layout)
        elif not read_raw(file.path, tables.wanted(config)).rows and file is data.ratings[0]:
            raise DataError(f"{file.path}: no rows below the header; accepted are rows of ratings")
    return data


def check_split(data: DataFiles, method: str) -> None:
    """Refuses splits that need times of data without.

    Raises:
        DataError: With the split that is possible.
    """
    if method != "random" and not data.has_time:
        raise DataError(
            f"{data.ratings[0].path}: no column of times, so split.method={method} is not "
            "possible; accepted: random (--set 'data.columns={timestamp: NAME}' names a column)"
        )

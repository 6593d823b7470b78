"""Recognises MovieLens' layouts, by the names of files and by their headers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from components.errors import DataError, shown
from components.example_gen.config import AUTO
from components.example_gen.formats import containers, text, time_formats
from components.example_gen.formats.column_roles import MOVIE_ROLES, RATING, TIMESTAMP, USER_ROLES
from components.example_gen.formats.dialect import HEAD_BYTES, Wanted, sample_text, split_rows
from components.example_gen.formats.raw_table import read_raw
from components.example_gen.formats.table_format import TableFile, TableFormat
from components.example_gen.layouts.known import ACCEPTED, LAYOUTS, RATING_COLUMNS, RATING_RANGE
from components.example_gen.layouts.layout import FileKind, Layout
from components.example_gen.sources.data_set import DataFiles
from components.example_gen.sources.tables import Ignored

# Files that are data even beside another layout's: which of them to read must be said.
OTHER_RATINGS = {"ratings.csv": "csv", "ratings.parquet": "parquet"}
RATING_NAMES = frozenset(layout.ratings.name for layout in LAYOUTS) | OTHER_RATINGS.keys()


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
    names |= {containers.plain_name(path) for path in shared} - RATING_NAMES
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
    for name, layout_name in OTHER_RATINGS.items():
        if name in names and name not in found:
            found[name] = layout_name
    return list(found.values())


def layout_of(paths: Sequence[str], shared: Sequence[str], wanted: str, where: str) -> str:
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
            f"{path}, line 1: {shown(','.join(names), 80)} is no header of the layout; "
            f"accepted: {','.join(kind.columns)}"
        )
    return replace(table_format, names=names)


def movielens_files(
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


def check_first_rows(file: TableFile, layout: str) -> None:
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
        f"{file.path}, line 1: {shown(lines[0], 80)} is no row of layout {layout}; "
        f"accepted: {shape}"
    )

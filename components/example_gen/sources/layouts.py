"""Which files of a folder hold ratings, movies and users: the layouts that are known.

Cheap on purpose: the local runner calls `check_data` before TensorFlow and Beam are imported.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass

from components.errors import DataError
from components.example_gen.config import DataConfig
from components.example_gen.reading import files, formats, parquet, tables, text

_SPEC = re.compile(r"\{(SPAN|VERSION)(:\d+)?\}|\{(YYYY|MM|DD)\}")
_TABLES = ("csv", "parquet")


@dataclass(frozen=True)
class Layout:
    """The files of a data set; several of a kind where several spans are read together.

    Attributes:
        name: One of config.LAYOUTS but not "auto".
        ratings: Paths of the files with one rating a row.
        movies: Paths of the files with one movie a row; none: the catalogue is what was rated.
        users: Paths of the files with one user a row; none: users have no features.
    """

    name: str
    ratings: tuple[str, ...]
    movies: tuple[str, ...] = ()
    users: tuple[str, ...] = ()

    @property
    def files(self) -> tuple[str, ...]:
        """All files of the layout; any other file of the folder is ignored."""
        return self.ratings + self.movies + self.users


@dataclass(frozen=True)
class _Known:
    """File names of one layout: the ratings, then what may or must stand beside them."""

    ratings: str
    movies: tuple[str, ...]
    users: tuple[str, ...]
    needs_movies: bool
    needs_users: bool = False


_TABLE_MOVIES = tuple(f"{stem}.{end}" for stem in ("movies", "items") for end in _TABLES)
_TABLE_USERS = tuple(f"users.{end}" for end in _TABLES)
_KNOWN = {
    "ml-100k": _Known("u.data", ("u.item",), ("u.user",), needs_movies=True),
    "ml-1m": _Known("ratings.dat", ("movies.dat",), ("users.dat",), True, needs_users=True),
    "ml-10m": _Known("ratings.dat", ("movies.dat",), (), needs_movies=True),
    "ml-csv": _Known("ratings.csv", ("movies.csv",), (), needs_movies=True),
    "csv": _Known("ratings.csv", _TABLE_MOVIES, _TABLE_USERS, needs_movies=False),
    "parquet": _Known("ratings.parquet", _TABLE_MOVIES, _TABLE_USERS, needs_movies=False),
}
_SHARED_NAMES = {name for known in _KNOWN.values() for name in known.movies + known.users}
RATING_NAMES = frozenset(known.ratings for known in _KNOWN.values())
FILE_NAMES = RATING_NAMES | _SHARED_NAMES
ACCEPTED = (
    "u.data + u.item [+ u.user] (ml-100k); ratings.dat + movies.dat [+ users.dat] (ml-1m, ml-10m); "
    "ratings.csv + movies.csv (ml-20m, 25m, 32m, latest); ratings.csv or ratings.parquet "
    "[+ movies.csv or movies.parquet] with user, item, rating, timestamp columns"
)


def _some(names: list[str]) -> str:
    return ", ".join(sorted(names)[:8]) + (", …" if names[8:] else "")


def _by_number(path: str) -> list[tuple[int, str]]:
    """Sorts span-9 before span-10."""
    return [(int(part), "") if part.isdigit() else (0, part) for part in re.split(r"(\d+)", path)]


def _named(paths: list[str], names: tuple[str, ...]) -> tuple[str, ...]:
    """Returns the paths whose file name is one of `names`."""
    return tuple(path for path in paths if os.path.basename(path) in names)


def _first_named(paths: list[str], names: tuple[str, ...]) -> tuple[str, ...]:
    """Returns the paths that have the first of `names` that is there."""
    return next((found for name in names if (found := _named(paths, (name,)))), ())


def _candidates(paths: list[str]) -> list[str]:
    """Returns the layouts that the files may have: one for each kind of rating file present."""
    names = {os.path.basename(path) for path in paths}
    found = []
    if "u.data" in names:
        found.append("ml-100k")
    if "ratings.dat" in names:
        found.append("ml-1m" if "users.dat" in names else "ml-10m")
    if "ratings.csv" in names:
        form = formats.read_rating_format("csv", _named(paths, ("ratings.csv",))[0])
        original = form.columns == formats.RATING_COLUMNS and "movies.csv" in names
        found.append("ml-csv" if original and not names & set(_TABLE_USERS) else "csv")
    if "ratings.parquet" in names:
        found.append("parquet")
    return found


def _resolve(paths: list[str], wanted: str, where: str) -> str:
    """Returns the one layout that the files have, or that was asked for."""
    if wanted != "auto":
        return wanted
    found = _candidates(paths)
    if len(found) > 1:
        raise DataError(
            f"{where}: files of several layouts ({', '.join(found)}); "
            "name the one to read with data.layout"
        )
    if not found:
        names = _some([os.path.basename(path) for path in paths])
        raise DataError(f"{where}: no rating file beside {names}; accepted: {ACCEPTED}")
    return found[0]


def detect_layout(paths: list[str], wanted: str = "auto", where: str = "data") -> Layout:
    """Finds the rating, movie and user files among `paths`.

    Args:
        paths: Files to choose from; those that belong to no layout are ignored.
        wanted: Name of the layout, or "auto".
        where: What to call the place of the files in messages.

    Raises:
        DataError: If no layout fits, several do, or a file of the layout is missing.
    """
    name = _resolve(paths, wanted, where)
    known = _KNOWN[name]
    layout = Layout(
        name=name,
        ratings=_named(paths, (known.ratings,)),
        movies=_first_named(paths, known.movies),
        users=_first_named(paths, known.users),
    )
    missing = [] if layout.ratings else [known.ratings]
    missing += [known.movies[0]] if known.needs_movies and not layout.movies else []
    missing += [known.users[0]] if known.needs_users and not layout.users else []
    if missing:
        raise DataError(
            f"{where}: {' and '.join(missing)} missing for layout {name}; accepted: {ACCEPTED}"
        )
    return layout


def find_files(root: str, patterns: list[str]) -> list[str]:
    """Returns the files below `root` that match a pattern and are called as in some layout.

    Where these include no file of movies or users, those directly in `root` are added: one
    catalogue for many spans. Files of a later span (by number) come after those of an earlier one.
    `{SPAN}`, `{VERSION}` and date specifications that are still in a pattern match anything.

    Raises:
        DataError: If there is no such folder, or no such file in it.
    """
    if not files.is_dir(root):
        what = "is a file" if files.exists(root) else "does not exist"
        raise DataError(f"data root {root}: {what}; a folder is needed with {ACCEPTED}")
    matching = {path for item in patterns for path in files.matching(root, _SPEC.sub("*", item))}
    found = [path for path in matching if os.path.basename(path) in FILE_NAMES]
    if not found:
        inside = _some(files.children(root)) or "nothing"
        raise DataError(
            f"data root {root}: no known file matches {' or '.join(patterns)} (it holds {inside}); "
            f"accepted: {ACCEPTED}"
        )
    missing = _SHARED_NAMES - {os.path.basename(path) for path in found}
    shared = [path for path in files.matching(root, "*") if os.path.basename(path) in missing]
    return sorted(found, key=_by_number) + shared


def locate(root: str, patterns: list[str], wanted: str = "auto") -> Layout:
    """Finds the layout of the files below `root` that match the patterns.

    Raises:
        DataError: See `find_files` and `detect_layout`.
    """
    return detect_layout(find_files(root, patterns), wanted, f"data root {root}")


def check_data(root: str, config: DataConfig, patterns: Sequence[str] = ("*",)) -> Layout:
    """Looks at the data before anything heavy starts: files, sizes, headers, first rows.

    Args:
        root: Folder of the data.
        config: Settings; `layout` is used.
        patterns: Which files below `root`, as in ExampleGen's input configuration.

    Returns:
        The layout, whose files are all there and begin as they should.

    Raises:
        DataError: Says what is wrong with which file and what would be accepted.
    """
    layout = locate(root, list(patterns), config.layout)
    for path in layout.files:
        if not files.size(path):
            raise DataError(f"{path}: the file is empty; accepted: {ACCEPTED}")
        if not path.endswith(".parquet"):
            text.check_encoding(files.read_bytes(path, formats.HEAD_BYTES), path)
    for path in layout.ratings:
        if layout.name == "parquet":
            parquet.rating_columns(path)
        else:
            formats.read_rating_format(layout.name, path)
    if layout.name in ("ml-csv", "csv", "parquet"):
        for key, paths in (("movie", layout.movies), ("user", layout.users)):
            for path in paths:
                next(tables.table_rows(path, key), None)
    return layout

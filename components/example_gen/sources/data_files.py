"""Which files of a folder hold ratings, movies and users, and in which layout.

The local runner calls `check_data` before TensorFlow and Beam are imported, so this module imports
neither of them.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass

from components.errors import DataError
from components.example_gen.config import AUTO, DataConfig
from components.example_gen.layouts.known import ACCEPTED, BY_NAME, LAYOUTS
from components.example_gen.layouts.layout import Layout
from components.example_gen.reading import files, formats, text

_PLACEHOLDER = re.compile(r"\{(SPAN|VERSION)(:\d+)?\}|\{(YYYY|MM|DD)\}")
_OTHER_NAMES = {name for layout in LAYOUTS for name in layout.movies + layout.users}
RATING_NAMES = frozenset(layout.ratings for layout in LAYOUTS)
FILE_NAMES = RATING_NAMES | _OTHER_NAMES


@dataclass(frozen=True)
class DataFiles:
    """The files of a data set; several of a kind where several spans are read together.

    Attributes:
        layout: How they are read.
        ratings: Paths of the files with one rating a row.
        movies: Paths of the files with one movie a row; none: the catalogue is what was rated.
        users: Paths of the files with one user a row; none: users have no features.
    """

    layout: Layout
    ratings: tuple[str, ...]
    movies: tuple[str, ...] = ()
    users: tuple[str, ...] = ()

    @property
    def paths(self) -> tuple[str, ...]:
        """All files that are read; any other file of the folder is ignored."""
        return self.ratings + self.movies + self.users


def _some(names: list[str]) -> str:
    return ", ".join(sorted(names)[:8]) + (", …" if names[8:] else "")


def _by_number(path: str) -> list[tuple[int, str]]:
    """Returns a key that sorts span-9 before span-10."""
    return [(int(part), "") if part.isdigit() else (0, part) for part in re.split(r"(\d+)", path)]


def _first_named(paths: list[str], names: tuple[str, ...]) -> tuple[str, ...]:
    """Returns the paths with the first file name of `names` that occurs."""
    for name in names:
        if matches := tuple(path for path in paths if os.path.basename(path) == name):
            return matches
    return ()


def _recognised(paths: list[str]) -> list[Layout]:
    """Returns for each kind of rating file the first layout that recognises the files."""
    names = {os.path.basename(path) for path in paths}
    by_ratings: dict[str, Layout] = {}
    for layout in LAYOUTS:
        ratings = _first_named(paths, (layout.ratings,))
        if ratings and layout.ratings not in by_ratings and layout.recognises(names, ratings[0]):
            by_ratings[layout.ratings] = layout
    return list(by_ratings.values())


def _detect(paths: list[str], where: str) -> Layout:
    """Returns the one layout that the files have."""
    layouts = _recognised(paths)
    if len(layouts) > 1:
        raise DataError(
            f"{where}: files of several layouts ({', '.join(layout.name for layout in layouts)}); "
            "name the one to read with data.layout"
        )
    if not layouts:
        names = _some([os.path.basename(path) for path in paths])
        raise DataError(f"{where}: no rating file beside {names}; accepted: {ACCEPTED}")
    return layouts[0]


def find_files(root: str, patterns: Sequence[str]) -> list[str]:
    """Returns the files below `root` that match a pattern and have a file name of some layout.

    Where these include no file of movies or users, those directly in `root` are added: one
    catalogue for many spans. Files of a later span (by number) come after those of an earlier one.
    `{SPAN}`, `{VERSION}` and date specifications that are still in a pattern match anything.

    Raises:
        DataError: If there is no such folder, or no such file in it.
    """
    if not files.is_dir(root):
        what = "is a file" if files.exists(root) else "does not exist"
        raise DataError(f"data root {root}: {what}; a folder is needed with {ACCEPTED}")
    globs = [_PLACEHOLDER.sub("*", pattern) for pattern in patterns]
    matching = {path for pattern in globs for path in files.matching(root, pattern)}
    known = [path for path in matching if os.path.basename(path) in FILE_NAMES]
    if not known:
        inside = _some(files.children(root)) or "nothing"
        raise DataError(
            f"data root {root}: no known file matches {' or '.join(patterns)} (it holds {inside}); "
            f"accepted: {ACCEPTED}"
        )
    missing = _OTHER_NAMES - {os.path.basename(path) for path in known}
    shared = [path for path in files.matching(root, "*") if os.path.basename(path) in missing]
    return sorted(known, key=_by_number) + shared


def locate(root: str, patterns: Sequence[str], layout_name: str = AUTO) -> DataFiles:
    """Returns the data set whose files below `root` match the patterns.

    Raises:
        DataError: If there are no files, no layout fits, several do, or a file is missing.
    """
    paths, where = find_files(root, patterns), f"data root {root}"
    layout = _detect(paths, where) if layout_name == AUTO else BY_NAME[layout_name]
    data = DataFiles(
        layout=layout,
        ratings=_first_named(paths, (layout.ratings,)),
        movies=_first_named(paths, layout.movies),
        users=_first_named(paths, layout.users),
    )
    missing = [] if data.ratings else [layout.ratings]
    missing += [layout.movies[0]] if layout.needs_movies and not data.movies else []
    missing += [layout.users[0]] if layout.needs_users and not data.users else []
    if missing:
        raise DataError(
            f"{where}: {' and '.join(missing)} missing for layout {layout.name}; "
            f"accepted: {ACCEPTED}"
        )
    return data


def check_data(root: str, config: DataConfig, patterns: Sequence[str] = ("*",)) -> DataFiles:
    """Looks at the data before anything heavy starts: files, sizes, headers, first rows.

    Args:
        root: Folder of the data.
        config: Settings; `layout` is used.
        patterns: Which files below `root`, as in ExampleGen's input configuration.

    Returns:
        The files, which are all there and begin as they should.

    Raises:
        DataError: Says what is wrong with which file and what would be accepted.
    """
    data = locate(root, patterns, config.layout)
    for path in data.paths:
        if not files.size(path):
            raise DataError(f"{path}: the file is empty; accepted: {ACCEPTED}")
        if not path.endswith(".parquet"):
            text.check_encoding(files.read_bytes(path, formats.HEAD_BYTES), path)
    for path in data.ratings:
        data.layout.rating_format(path)
    for path in data.movies:
        next(data.layout.movie_rows(path), None)
    for path in data.users:
        next(data.layout.user_rows(path), None)
    return data

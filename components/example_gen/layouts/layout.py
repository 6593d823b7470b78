"""What ExampleGen knows of one layout of rating data."""

from __future__ import annotations

from collections.abc import Callable, Set
from dataclasses import dataclass

from components.example_gen.formats.dialect import Dialect
from components.example_gen.formats.raw_table import CSV
from components.example_gen.formats.table_format import TableFormat


@dataclass(frozen=True)
class FileKind:
    """A file of a layout: its name, and how its rows are written.

    Attributes:
        name: The file's name.
        delimiter: What stands between two values.
        columns: The columns in their order: roles, or other names for what is ignored.
        header: The names in the first line; none: there is no such line.
        flags: Columns that hold 1 where the movie is of the genre by which they are called.
    """

    name: str
    delimiter: str
    columns: tuple[str, ...]
    header: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()

    def dialect(self) -> Dialect:
        """Returns how the file is written."""
        return Dialect(self.delimiter, bool(self.header), quoted=self.delimiter == ",")

    def table_format(self, roles: tuple[str, ...]) -> TableFormat:
        """Returns how the file is read, with those of its columns that are in `roles`."""
        position = {name: n for n, name in enumerate(self.columns)}
        return TableFormat(
            CSV,
            self.columns,
            {role: position[role] for role in roles if role in position},
            self.dialect(),
            flags=tuple((name, position[name]) for name in self.flags),
            why={role: "the layout" for role in roles if role in position},
        )


def _always(names: Set[str]) -> bool:
    return True


@dataclass(frozen=True)
class Layout:
    """The files of a kind of data set.

    Attributes:
        name: The value of the setting data.layout.
        accepted: The files of the layout, as messages list them.
        ratings: The file with one rating a row.
        movies: The file with one movie a row.
        users: The file with one user a row; None if the layout has none.
        needs_users: Whether the data set is incomplete without users.
        recognises: Names of all files → whether they are of this layout. The first layout of a
            list that says so is taken.
    """

    name: str
    accepted: str
    ratings: FileKind
    movies: FileKind
    users: FileKind | None = None
    needs_users: bool = False
    recognises: Callable[[Set[str]], bool] = _always

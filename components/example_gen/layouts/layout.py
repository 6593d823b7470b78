"""What ExampleGen knows of one layout of rating data."""

from __future__ import annotations

from collections.abc import Set
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
        without: Names of files that no data set of this layout has.
    """

    name: str
    accepted: str
    ratings: FileKind
    movies: FileKind
    users: FileKind | None = None
    needs_users: bool = False
    without: frozenset[str] = frozenset()

    def recognises(self, names: Set[str]) -> bool:
        """Says whether files of these names can be of this layout; the first that can is taken."""
        needed = {self.users.name} if self.users and self.needs_users else set()
        return needed <= names and not self.without & names

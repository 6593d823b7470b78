"""The files of a data set, whatever way they were found."""

from __future__ import annotations

from dataclasses import dataclass

from components.errors import DataError
from components.example_gen.config import AUTO, DataConfig
from components.example_gen.formats.column_roles import TIMESTAMP
from components.example_gen.formats.table_format import COUNTS, TableFile
from components.example_gen.layouts.known import BY_NAME
from components.example_gen.sources.tables import Ignored


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

"""Which rows are accepted and what they weigh, from the settings and the kind of data."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from components.example_gen.config import DataConfig
from components.example_gen.formats.column_roles import RATING
from components.example_gen.formats.raw_table import read_raw
from components.example_gen.formats.table_format import RATINGS
from components.example_gen.layouts.known import RATING_RANGE
from components.example_gen.reading.columns import to_numbers
from components.example_gen.reading.ratings import Rules
from components.example_gen.sources import tables
from components.example_gen.sources.data_set import DataFiles

_USUAL_NOT_RATED = -1.0


def make_rules(data: DataFiles, config: DataConfig, movie_ids: Sequence[str] | None) -> Rules:
    """Returns the rules for the rows of a data set.

    Args:
        data: Its files.
        config: Settings.
        movie_ids: Ids of its catalogue; None without one.
    """
    low, high = rating_range(data, config)
    catalogue = None
    if movie_ids is not None and drops_unknown(data, config):
        catalogue = pa.array(movie_ids, pa.string())
    return Rules(
        min_rating=low,
        max_rating=high,
        catalogue=catalogue,
        not_rated=_not_rated(data, config),
        min_positive=config.positive.min_rating,
        event_weights=config.event_weights,
        weighted=data.has_weights(config),
    )


def rating_range(data: DataFiles, config: DataConfig) -> tuple[float | None, float | None]:
    """Returns the smallest and the largest valid rating; None for no bound."""
    low, high = RATING_RANGE if data.is_movielens else (None, None)
    low = low if config.min_rating is None else config.min_rating
    high = high if config.max_rating is None else config.max_rating
    return low, high


def drops_unknown(data: DataFiles, config: DataConfig) -> bool:
    """True where interactions with movies that the catalogue lacks are left out."""
    if config.unknown_movies == "auto":
        return data.is_movielens
    return config.unknown_movies == "drop"


def _not_rated(data: DataFiles, config: DataConfig) -> float | None:
    """Returns the rating that stands for none: the one set, or -1 as the only negative one."""
    if config.not_rated == "none":
        return None
    if config.not_rated != "auto":
        return float(config.not_rated)
    if data.is_movielens or data.values != RATINGS or RATING not in data.ratings[0].format.roles:
        return None
    file = data.ratings[0]
    raw = read_raw(file.path, tables.wanted(config))
    decimal = raw.dialect.decimal if raw.dialect else "."
    values = pa.array(raw.column(file.format.roles[RATING]), pa.string())
    numbers = to_numbers(values, decimal)
    negative = set(numbers[numbers < 0].tolist())
    return _USUAL_NOT_RATED if negative == {_USUAL_NOT_RATED} else None

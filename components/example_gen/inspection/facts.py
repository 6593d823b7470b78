"""What the rows of a data set say: scale, times, users, movies, and what is left out."""

from __future__ import annotations

import datetime
import os
from collections import Counter
from typing import Any

import numpy as np
import pyarrow.compute as pc

from components.example_gen import drop_reasons
from components.example_gen.config import DataConfig
from components.example_gen.formats import containers, text
from components.example_gen.formats.column_roles import EVENT, MOVIE, RATING, USER
from components.example_gen.formats.dialect import HEAD_BYTES, Dialect
from components.example_gen.formats.raw_table import CSV, read_raw
from components.example_gen.formats.table_format import IMPLICIT, TableFormat
from components.example_gen.inspection.sample import Rows
from components.example_gen.sources import tables
from components.example_gen.sources.data_set import DataFiles

_SHOWN_VALUES = 21
_OUTLIERS = 1e-3


def first_rows(rows: Rows, has_time: bool, count: int = 3) -> list[dict[str, Any]]:
    """Returns the first rows as they are read, times as ISO 8601."""
    shown = []
    for row in rows.table.slice(0, count).to_pylist():
        time = row.pop("timestamp")
        shown.append({**row, "time": moment(time)} if has_time else row)
    return shown


def moment(seconds: int) -> str:
    """Returns seconds since 1970 as ISO 8601 in UTC."""
    return datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc).isoformat()


def scale(rows: Rows, data: DataFiles, config: DataConfig) -> dict[str, Any]:
    """Returns kind, range, values and outliers of the ratings, or of the weights of events."""
    kind = data.values if config.event_weights is None else "events"
    if kind == IMPLICIT or not rows.table.num_rows:
        return {"kind": kind}
    values, counts = np.unique(np.asarray(rows.table[RATING]), return_counts=True)
    result: dict[str, Any] = {
        "kind": kind,
        "min": float(values[0]),
        "max": float(values[-1]),
        "different": len(values),
    }
    if len(values) <= _SHOWN_VALUES:
        pairs = zip(values.tolist(), counts.tolist(), strict=True)
        result["values"] = {f"{value:g}": count for value, count in pairs}
    result["outliers"] = outliers(values, counts)
    return result


def outliers(values: np.ndarray, counts: np.ndarray) -> list[float]:
    """Returns rare values far from the others.

    Far: beyond the range of the other 99.9 % of the rows by more than its width.

    Args:
        values: float [n], ascending, different.
        counts: int64 [n], rows of each.
    """
    share = np.cumsum(counts) / counts.sum()
    low, high = values[np.searchsorted(share, [_OUTLIERS, 1 - _OUTLIERS])]
    width = max(float(high - low), 1e-9)
    far = (values < low - width) | (values > high + width)
    return [float(value) for value in values[far]]


def times(rows: Rows, data: DataFiles) -> dict[str, Any] | None:
    """Returns format and range of the times; None without times."""
    if not data.has_time or not rows.table.num_rows:
        return None
    bounds = pc.min_max(rows.table["timestamp"]).as_py()
    return {
        "format": data.ratings[0].format.time_format or "numbers since 1970, or ISO 8601",
        "first": moment(bounds["min"]),
        "last": moment(bounds["max"]),
    }


def left_out(rows: Rows, data: DataFiles, config: DataConfig) -> tuple[dict[str, int], int]:
    """Returns reason → rows left out, joined repeats among them, and how many pairs remain."""
    dropped = dict(rows.dropped)
    if not rows.table.num_rows:
        return dropped, 0
    users, movies = (rows.table[name].combine_chunks() for name in (USER, MOVIE))
    user, movie = users.dictionary_encode(), movies.dictionary_encode()
    pairs = user.indices.to_numpy().astype(np.int64) * len(movie.dictionary)
    different = len(np.unique(pairs + movie.indices.to_numpy()))
    if repeated := rows.table.num_rows - different:
        joined = data.repeats(config) != "last"
        dropped[drop_reasons.JOINED if joined else drop_reasons.REPLACED] = repeated
    return dropped, different


def describe_file(path: str, table_format: TableFormat) -> dict[str, Any]:
    """Returns how a file is read: dialect and columns with the reason for each."""
    roles = {
        role: {"column": table_format.names[position], "why": table_format.why.get(role, "")}
        for role, position in table_format.roles.items()
    }
    dialect = table_format.dialect
    kinds = {"json": "JSON lines", "parquet": "Parquet"}
    return {
        "written": _written(path, dialect) if dialect else kinds[table_format.kind],
        "columns": roles,
        "not_read": [
            n for p, n in enumerate(table_format.names) if p not in table_format.roles.values()
        ],
    }


def _written(path: str, dialect: Dialect) -> str:
    """Returns how a text is written, its line ends among it."""
    head = containers.read_head(path, HEAD_BYTES)
    ends = text.line_ends(text.decode(head, dialect.encoding))
    return f"{dialect.describe()}, {ends}" if ends else dialect.describe()


def settings(data: DataFiles, root: str) -> dict[str, Any]:
    """Returns the settings that say what was guessed, to be corrected and pasted."""
    file = data.ratings[0]
    if data.is_movielens:
        return {"layout": data.layout}

    def columns(table_format: TableFormat) -> dict[str, Any]:
        named = table_format.dialect is None or table_format.dialect.header
        return {
            role: table_format.names[position] if named else position
            for role, position in table_format.roles.items()
        }

    result: dict[str, Any] = {"ratings": _below(file.path, root), "columns": columns(file.format)}
    if data.movies:
        result["movies"] = _below(data.movies[0].path, root)
        result["movie_columns"] = columns(data.movies[0].format)
    if data.users:
        result["users"] = _below(data.users[0].path, root)
        result["user_columns"] = columns(data.users[0].format)
    dialect = file.format.dialect
    if file.format.kind == CSV and dialect is not None:
        result.update(
            separator=dialect.delimiter,
            header=dialect.header,
            encoding=dialect.encoding,
            decimal=dialect.decimal,
        )
    if data.has_time:
        result["time_format"] = file.format.time_format
    return result


def _below(path: str, root: str) -> str:
    relative = os.path.relpath(path, root)
    return path if relative.startswith("..") else relative


def events(data: DataFiles, config: DataConfig) -> dict[str, int] | None:
    """Returns event → rows among the first ones; None where there is no column of events."""
    file = data.ratings[0]
    if EVENT in file.constants:
        return {part.constants[EVENT]: 0 for part in data.ratings}
    if EVENT not in file.format.roles:
        return None
    raw = read_raw(file.path, tables.wanted(config))
    return dict(Counter(raw.column(file.format.roles[EVENT])).most_common(20))

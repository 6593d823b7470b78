"""Checks rows of interactions and converts them, whole columns at a time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from components.example_gen import drop_reasons
from components.example_gen.formats.column_roles import EVENT, MOVIE, RATING, TIMESTAMP, USER
from components.example_gen.formats.table_format import COUNTS, LIKES, TableFormat
from components.example_gen.reading import timestamps
from components.example_gen.reading.columns import Column, plain, to_ids, to_numbers

WEIGHT = "weight"
SCHEMA = pa.schema(
    [
        (USER, pa.string()),
        (MOVIE, pa.string()),
        (RATING, pa.float32()),
        (TIMESTAMP, pa.int64()),
    ]
)
WEIGHTED_SCHEMA = SCHEMA.append(pa.field(WEIGHT, pa.float32()))


@dataclass(frozen=True)
class Rules:
    """Which rows are accepted, and what they weigh.

    Attributes:
        min_rating: Smallest valid rating; None for no bound.
        max_rating: Largest valid rating; None for no bound.
        catalogue: Ids of the known movies; None if every movie is.
        not_rated: Rating that stands for none; None for no such value.
        min_positive: Smallest rating that is a positive; None if every one is.
        event_weights: Event → weight, 0 for events to leave out; None if events do not matter.
        weighted: Whether rows get a weight.
    """

    min_rating: float | None = None
    max_rating: float | None = None
    catalogue: pa.Array | None = None
    not_rated: float | None = None
    min_positive: float | None = None
    event_weights: Mapping[str, float] | None = None
    weighted: bool = False

    @property
    def schema(self) -> pa.Schema:
        """The columns of accepted rows."""
        return WEIGHTED_SCHEMA if self.weighted else SCHEMA


@dataclass(frozen=True)
class Parsed:
    """What a block holds.

    Attributes:
        table: The accepted rows; columns as in Rules.schema.
        rows: Number of rows, accepted or not.
        dropped: Reason → number of rows.
        firsts: Reason → (line in the block, from 0, text) of the first such row.
    """

    table: pa.Table
    rows: int
    dropped: dict[str, int] = field(default_factory=dict)
    firsts: dict[str, tuple[int, str]] = field(default_factory=dict)


def check(
    table: pa.Table, rules: Rules, table_format: TableFormat
) -> tuple[pa.Table, dict[str, np.ndarray]]:
    """Converts a table to the schema of the rules and drops the rows that break them.

    Args:
        table: Its columns are roles, of any type: user, movie, and rating, timestamp, event where
            there are such.
        rules: Which rows are accepted.
        table_format: How the values are written.

    Returns:
        The accepted rows, and reason → positions (int64, ascending) of the others. A row that
        breaks several rules is counted once, by the first of them.
    """
    user, movie = to_ids(table[USER]), to_ids(table[MOVIE])
    rating = _ratings(table, table_format)
    seconds, timed = _times(table, table_format)
    tests = {drop_reasons.BAD_ID: _empty(user) | _empty(movie)}
    if rules.not_rated is not None:
        tests[drop_reasons.NOT_RATED] = rating == rules.not_rated
    tests[drop_reasons.NOT_A_NUMBER] = ~np.isfinite(rating)
    tests[drop_reasons.OUT_OF_RANGE] = _out_of_range(rating, rules)
    tests[drop_reasons.BAD_TIME] = ~timed
    weights = []
    if rules.weighted:
        weight = _weights(table, rating, rules, table_format)
        tests[drop_reasons.UNKNOWN_EVENT] = np.isnan(weight)
        tests[drop_reasons.NOT_POSITIVE] = weight == 0
        weights.append(weight.astype(np.float32))
        rating = weight if EVENT in table.column_names else rating
    if rules.catalogue is not None:
        tests[drop_reasons.UNKNOWN_MOVIE] = _unknown(movie, rules.catalogue)
    if (negative := _not_positive(rating, rules, table_format)) is not None:
        former = tests.pop(drop_reasons.NOT_POSITIVE, False)
        tests[drop_reasons.NOT_POSITIVE] = negative | former
    bad, good = _first_faults(tests, len(rating))
    columns = [user, movie, rating.astype(np.float32), seconds, *weights]
    accepted = pa.table(columns, schema=rules.schema)
    return (accepted if good.all() else accepted.filter(pa.array(good))), bad


def _first_faults(
    tests: Mapping[str, np.ndarray], rows: int
) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Returns reason → positions of the rows that fail it first, and which rows fail none."""
    good = np.ones(rows, bool)
    bad: dict[str, np.ndarray] = {}
    for reason, failed in tests.items():
        if (failed & good).any():
            bad[reason] = np.flatnonzero(failed & good)
            good &= ~failed
    return bad, good


def _ratings(table: pa.Table, table_format: TableFormat) -> np.ndarray:
    """Returns float64 [rows]; 1 where there is no rating column."""
    if RATING not in table.column_names:
        return np.ones(table.num_rows)
    decimal = table_format.dialect.decimal if table_format.dialect else "."
    return to_numbers(table[RATING], decimal)


def _times(table: pa.Table, table_format: TableFormat) -> tuple[np.ndarray, np.ndarray]:
    """Returns int64 and bool [rows]: seconds and whether they are times; 0 without a column."""
    if TIMESTAMP not in table.column_names:
        return np.zeros(table.num_rows, np.int64), np.ones(table.num_rows, bool)
    return timestamps.to_seconds(table[TIMESTAMP], table_format.time_format)


def _out_of_range(rating: np.ndarray, rules: Rules) -> np.ndarray:
    low = -np.inf if rules.min_rating is None else rules.min_rating
    high = np.inf if rules.max_rating is None else rules.max_rating
    return (rating < low) | (rating > high)


def _weights(
    table: pa.Table, rating: np.ndarray, rules: Rules, table_format: TableFormat
) -> np.ndarray:
    """Returns float64 [rows]: of events their weight, of counts 1 + ln(count), else 1.

    NaN stands for events without a weight.
    """
    if rules.event_weights is not None and EVENT in table.column_names:
        events = pc.fill_null(pc.cast(plain(table[EVENT]), pa.string()), "")
        names = list(rules.event_weights)
        codes = pc.fill_null(pc.index_in(events, value_set=pa.array(names, pa.string())), -1)
        weights = np.array([*rules.event_weights.values(), np.nan])
        return weights[np.asarray(codes)]
    if table_format.values == COUNTS and rules.weighted:
        return 1 + np.log(np.maximum(np.nan_to_num(rating, nan=1.0), 1))
    return np.ones(table.num_rows)


def _not_positive(rating: np.ndarray, rules: Rules, table_format: TableFormat) -> np.ndarray | None:
    """Returns bool [rows]: which are no positives; None where all are."""
    if rules.min_positive is not None:
        return rating < rules.min_positive
    if table_format.values in (LIKES, COUNTS):
        return rating <= 0
    return None


def _empty(ids: Column) -> np.ndarray:
    return np.asarray(pc.equal(pc.binary_length(ids), 0))


def _unknown(movies: Column, catalogue: pa.Array) -> np.ndarray:
    return ~np.asarray(pc.is_in(movies, value_set=catalogue))

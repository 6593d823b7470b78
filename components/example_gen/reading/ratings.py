"""Parses blocks of rating files, whole columns at a time.

A block without faults is read by pyarrow in one call. Only where that fails, or values are out of
range, the broken rows are searched, still by columns, and their line numbers determined.
"""

from __future__ import annotations

import codecs
import io
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv

from components.example_gen import drop_reasons
from components.example_gen.reading import text, timestamps
from components.example_gen.reading.columns import Column, to_ids, to_numbers
from components.example_gen.reading.formats import RATING_COLUMNS, RatingFormat

SCHEMA = pa.schema(
    zip(RATING_COLUMNS, (pa.string(), pa.string(), pa.float32(), pa.int64()), strict=True)
)
_UNIT = "\x1f"  # ASCII's unit separator stands in for delimiters of more than one character


@dataclass(frozen=True)
class Rules:
    """Which rows are accepted.

    Attributes:
        min_rating: Smallest valid rating.
        max_rating: Largest valid rating.
        catalogue: Ids of the known movies; None if every movie is.
    """

    min_rating: float
    max_rating: float
    catalogue: pa.Array | None = None


@dataclass(frozen=True)
class Parsed:
    """What a block holds.

    Attributes:
        table: The accepted rows; columns as in SCHEMA.
        rows: Number of rows, accepted or not.
        dropped: Reason → number of rows.
        firsts: Reason → (line in the block, from 0, text) of the first such row.
    """

    table: pa.Table
    rows: int
    dropped: dict[str, int] = field(default_factory=dict)
    firsts: dict[str, tuple[int, str]] = field(default_factory=dict)


def one_line_end(data: bytes) -> bytes:
    """Returns the text with LF in place of CR and CRLF."""
    return data.replace(b"\r\n", b"\n").replace(b"\r", b"\n") if b"\r" in data else data


def _without_open_quotes(data: bytes) -> bytes:
    """Unquotes the lines that have an odd number of quotes, which would swallow those after."""
    if b'"' not in data:
        return data
    lines = data.split(b"\n")
    return b"\n".join(x.replace(b'"', b"") if x.count(b'"') % 2 else x for x in lines)


def _prepare(data: bytes, row_format: RatingFormat) -> tuple[bytes, str]:
    """Returns the block with plain line ends and one-character delimiters, and the delimiter."""
    data = one_line_end(data.removeprefix(codecs.BOM_UTF8))
    if row_format.quoted:
        data = _without_open_quotes(data)
    if len(row_format.delimiter) == 1:
        return data, row_format.delimiter
    return data.replace(row_format.delimiter.encode(), _UNIT.encode()), _UNIT


def _read(
    data: bytes, row_format: RatingFormat, delimiter: str, types: list[pa.DataType]
) -> tuple[pa.Table, list[int]]:
    """Reads the four columns of a block; blank lines are skipped.

    Returns:
        The rows, and the numbers (from 1, blank lines not counted) of those that are left out
        because they have too few or too many values.
    """
    broken: list[int] = []

    def skip(row: pa_csv.InvalidRow) -> str:
        broken.append(row.number)
        return "skip"

    table = pa_csv.read_csv(
        io.BytesIO(data),
        read_options=pa_csv.ReadOptions(
            use_threads=False, column_names=row_format.columns, block_size=len(data)
        ),
        parse_options=pa_csv.ParseOptions(
            delimiter=delimiter,
            quote_char='"' if row_format.quoted else False,
            invalid_row_handler=skip,
        ),
        convert_options=pa_csv.ConvertOptions(
            column_types=dict(zip(RATING_COLUMNS, types, strict=True)),
            include_columns=list(RATING_COLUMNS),
            null_values=[],
            strings_can_be_null=False,
        ),
    )
    return table, broken


_TYPED = [pa.string(), pa.string(), pa.float64(), pa.int64()]
_RAW = [pa.string()] * 4


def _read_typed_or_raw(
    data: bytes, row_format: RatingFormat, delimiter: str
) -> tuple[pa.Table, list[int]]:
    """Reads a block with numbers as numbers, or all as text where some are none."""
    for types in (_TYPED, _RAW):
        try:
            return _read(data, row_format, delimiter, types)
        except pa.ArrowInvalid:
            continue
    # Text that is not UTF-8.
    return _read(data.decode("iso-8859-1").encode("utf-8"), row_format, delimiter, _RAW)


def check(table: pa.Table, rules: Rules) -> tuple[pa.Table, dict[str, np.ndarray]]:
    """Converts a table to SCHEMA and drops the rows that break the rules.

    Args:
        table: Its columns are RATING_COLUMNS, of any type.
        rules: Which rows are accepted.

    Returns:
        The accepted rows, and reason → positions (int64, ascending) of the others. A row that
        breaks several rules is counted once, by the first of them.
    """
    user, movie = to_ids(table["user"]), to_ids(table["movie"])
    rating = to_numbers(table["rating"])
    timestamp, timed = timestamps.to_seconds(table["timestamp"])
    tests = {
        drop_reasons.BAD_ID: _empty(user) | _empty(movie),
        drop_reasons.NOT_A_NUMBER: ~np.isfinite(rating),
        drop_reasons.OUT_OF_RANGE: (rating < rules.min_rating) | (rating > rules.max_rating),
        drop_reasons.BAD_TIME: ~timed,
        drop_reasons.UNKNOWN_MOVIE: _unknown(movie, rules.catalogue),
    }
    good = np.ones(len(rating), bool)
    bad: dict[str, np.ndarray] = {}
    for reason, failed in tests.items():
        if (failed & good).any():
            bad[reason] = np.flatnonzero(failed & good)
            good &= ~failed
    columns = [user, movie, rating.astype(np.float32), timestamp]
    accepted = pa.table(columns, schema=SCHEMA)
    return (accepted if good.all() else accepted.filter(pa.array(good))), bad


def _empty(ids: Column) -> np.ndarray:
    return np.asarray(pc.equal(pc.binary_length(ids), 0))


def _unknown(movies: Column, catalogue: pa.Array | None) -> np.ndarray:
    if catalogue is None:
        return np.zeros(len(movies), bool)
    return ~np.asarray(pc.is_in(movies, value_set=catalogue))


def _lines_of_rows(data: bytes, broken: list[int]) -> tuple[np.ndarray, np.ndarray]:
    """Returns the line numbers (from 0) of the rows that were read, and of the broken ones."""
    lengths = np.array([len(line) for line in data.split(b"\n")])
    lines = np.flatnonzero(lengths > 0)
    positions = np.array(broken, np.int64) - 1
    return np.delete(lines, positions), lines[positions]


def parse_block(data: bytes, row_format: RatingFormat, rules: Rules) -> Parsed:
    """Parses whole lines of a rating file.

    Args:
        data: The lines; no header. ISO-8859-1 where not UTF-8.
        row_format: How the rows are written.
        rules: Which rows are accepted.
    """
    prepared, delimiter = _prepare(data, row_format)
    if not prepared.strip(b"\n"):
        return Parsed(SCHEMA.empty_table(), 0)
    read, broken = _read_typed_or_raw(prepared, row_format, delimiter)
    table, bad = check(read, rules)
    rows = read.num_rows + len(broken)
    if not bad and not broken:
        return Parsed(table, rows)
    row_lines, broken_lines = _lines_of_rows(prepared, broken)
    lines = {reason: row_lines[positions] for reason, positions in bad.items()}
    if broken:
        lines[drop_reasons.BROKEN] = broken_lines
    texts = one_line_end(data).split(b"\n")
    return Parsed(
        table,
        rows,
        {reason: len(numbers) for reason, numbers in lines.items()},
        {
            reason: (int(numbers[0]), text.shorten(text.decode(texts[numbers[0]])))
            for reason, numbers in lines.items()
        },
    )

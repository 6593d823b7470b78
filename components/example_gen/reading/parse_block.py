"""Reads one block of a file of interactions, and names the rows that are left out."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pyarrow as pa

from components.errors import shown
from components.example_gen import drop_reasons
from components.example_gen.formats import parquet, text
from components.example_gen.formats.column_roles import RATING, RATING_ROLES, TIMESTAMP
from components.example_gen.formats.raw_table import CSV
from components.example_gen.formats.table_format import TableFile, TableFormat
from components.example_gen.reading import delimited, json_lines
from components.example_gen.reading.delimited import Rows
from components.example_gen.reading.ratings import Parsed, Rules, check

_TYPES = {RATING: pa.float64(), TIMESTAMP: pa.int64()}


def _needed(file: TableFile, rules: Rules) -> list[str]:
    """Returns the roles whose columns are read."""
    ignored = {*file.constants} if rules.event_weights is not None else {*file.constants, "event"}
    return [role for role in RATING_ROLES if role in file.format.roles and role not in ignored]


def read_text(data: bytes, table_format: TableFormat, roles: list[str]) -> Rows:
    """Reads whole lines of text or JSON into columns named by role."""
    if table_format.kind != CSV:
        return json_lines.read(data, {role: table_format.name_of(role) for role in roles})
    assert table_format.dialect is not None
    types = {role: kind for role, kind in _TYPES.items() if role in roles}
    if table_format.time_format:
        types.pop(TIMESTAMP, None)
    positions = {role: table_format.roles[role] for role in roles}
    return delimited.read(data, table_format.dialect, len(table_format.names), positions, types)


def parse_text(data: bytes, file: TableFile, rules: Rules) -> Parsed:
    """Parses whole lines of a text file of interactions.

    Args:
        data: The lines; no header.
        file: The file that they are of.
        rules: Which rows are accepted.
    """
    read = read_text(data, file.format, _needed(file, rules))
    count = read.table.num_rows + len(read.broken)
    if not count:
        return Parsed(rules.schema.empty_table(), 0)
    table, bad = check(with_constants(read.table, file.constants), rules, file.format)
    if not bad and not read.broken:
        return Parsed(table, count)
    row_lines = read.lines()
    lines = {reason: row_lines[positions] for reason, positions in bad.items()}
    if read.broken:
        lines[drop_reasons.BROKEN] = np.array(read.broken)
    originals = delimited.one_line_end(data).split(b"\n")
    counts = {reason: len(numbers) for reason, numbers in lines.items()}
    firsts = {
        reason: (int(numbers[0]), shown(text.decode(originals[numbers[0]]), 80, quote=False))
        for reason, numbers in lines.items()
    }
    if drop_reasons.BROKEN in firsts:
        line, content = firsts[drop_reasons.BROKEN]
        firsts[drop_reasons.BROKEN] = line, f"{content} (expected: {file.format.shape()})"
    return Parsed(table, count, counts, firsts)


def with_constants(table: pa.Table, constants: Mapping[str, str]) -> pa.Table:
    """Returns the table with one more column for each constant."""
    for role, value in constants.items():
        table = table.append_column(role, pa.array([value] * table.num_rows, pa.string()))
    return table


def parse_parquet(file: TableFile, start: int, stop: int, rules: Rules) -> Parsed:
    """Parses the row groups start:stop of a Parquet file, as `parse_text` does lines."""
    rows = parquet.row_count(file.path, start, stop)
    roles = _needed(file, rules)
    names = [file.format.name_of(role) for role in roles]
    try:
        table = parquet.read_groups(file.path, start, stop, names).rename_columns(roles)
        table = with_constants(table, file.constants)
        accepted, bad = check(table, rules, file.format)
    except (pa.ArrowException, OSError) as error:
        first = {drop_reasons.UNREADABLE: (0, shown(str(error), 80, quote=False))}
        return Parsed(rules.schema.empty_table(), rows, {drop_reasons.UNREADABLE: rows}, first)
    counts = {reason: len(positions) for reason, positions in bad.items()}
    firsts = {}
    for reason, positions in bad.items():
        row = table.slice(int(positions[0]), 1).to_pylist()[0]
        content = ", ".join(f"{name}={value}" for name, value in row.items())
        firsts[reason] = int(positions[0]), shown(content, 80, quote=False)
    return Parsed(accepted, rows, counts, firsts)

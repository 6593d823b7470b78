"""A file as it lies: container, columns and first rows, before it is known what they mean."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from components.errors import DataError
from components.example_gen.formats import containers, text
from components.example_gen.formats.dialect import (
    HEAD_BYTES,
    MAX_COLUMNS,
    Dialect,
    Wanted,
    sample_text,
    sniff,
)

CSV, JSON, PARQUET = "csv", "json", "parquet"
_SAMPLE_ROWS = 200
_DECIMAL_COMMA = re.compile(r"\s*-?\d+,\d+\s*$")


@dataclass(frozen=True)
class RawTable:
    """A file before it is known what its columns mean.

    Attributes:
        path: The file.
        kind: Its container: csv (any text with separators), json (one object a line), parquet.
        names: Names of its columns; without a header their positions.
        rows: The first rows as text [up to 200][columns].
        dialect: How a csv is written; None for the others.
    """

    path: str
    kind: str
    names: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    dialect: Dialect | None = None

    def column(self, position: int) -> list[str]:
        """Returns the first values of a column."""
        return [row[position] for row in self.rows if position < len(row)]


def _json_text(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value)


def _read_json(path: str, content: str) -> RawTable:
    objects: list[dict[str, Any]] = []
    for number, line in enumerate(content.split("\n"), 1):
        if not line.strip() or len(objects) == _SAMPLE_ROWS:
            continue
        try:
            value = json.loads(line)
        except (ValueError, RecursionError):
            value = None
        if isinstance(value, dict):
            objects.append(value)
        elif not objects:
            raise DataError(f"{path}, line {number}: no JSON object; accepted is one object a line")
    names = tuple(dict.fromkeys(name for value in objects for name in value))
    rows = tuple(tuple(_json_text(value.get(name)) for name in names) for value in objects)
    return RawTable(path, JSON, names, rows)


def _read_csv(path: str, content: str, encoding: str, wanted: Wanted) -> RawTable:
    dialect, rows = sniff(content, encoding, wanted)
    width = max(len(row) for row in rows[:1] + rows[1:2])
    if width > MAX_COLUMNS:
        raise DataError(
            f"{path}, line {dialect.skip + 1}: {width:,} columns; accepted are "
            f"up to {MAX_COLUMNS:,}"
        )
    if not dialect.header:
        width = max(map(len, rows))
        names = tuple(str(position) for position in range(width))
    else:
        names = tuple(name.strip() for name in rows.pop(0))
    decimal = wanted.decimal or _decimal_sign(rows)
    return RawTable(path, CSV, names, tuple(map(tuple, rows)), replace(dialect, decimal=decimal))


def _decimal_sign(rows: Sequence[Sequence[str]]) -> str:
    """Returns "," where a column holds numbers with a comma and none with a point."""
    for column in zip(*(row for row in rows if len(row) == len(rows[0])), strict=True):
        commas = sum(bool(_DECIMAL_COMMA.match(value)) for value in column)
        if commas > len(column) / 4 and not any("." in value for value in column):
            return ","
    return "."


def read_raw(path: str, wanted: Wanted | None = None) -> RawTable:
    """Looks at the start of a file.

    Raises:
        DataError: If it may not be read, is empty, damaged, or of a kind that is not read.
    """
    wanted = wanted or Wanted()
    head = containers.read_head(path, HEAD_BYTES)
    if containers.is_parquet(head):
        from components.example_gen.formats import parquet  # pyarrow only where there is Parquet

        names, rows = parquet.sample(path, _SAMPLE_ROWS)
        return RawTable(path, PARQUET, names, rows)
    containers.check_readable(head, path)
    encoding = wanted.encoding or text.detect_encoding(head, path)
    content = sample_text(head, encoding, len(head) < HEAD_BYTES, path)
    start = content.lstrip()[:1]
    if start == "{":
        return _read_json(path, content)
    if start == "[":
        raise DataError(
            f"{path}: a JSON array; accepted is one object a line (jq -c '.[]' writes it so)"
        )
    return _read_csv(path, content, encoding, wanted)

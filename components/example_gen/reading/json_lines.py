"""Reads JSON lines into columns, whole blocks at a time, by pyarrow."""

from __future__ import annotations

import codecs
import io
import json
from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.json as pa_json

from components.example_gen.formats import text
from components.example_gen.formats.column_roles import MOVIE, USER
from components.example_gen.reading.delimited import Rows, one_line_end

_EXACT = float(1 << 53)  # whole numbers beyond are not exact as floats


def read(data: bytes, roles: Mapping[str, str]) -> Rows:
    """Reads whole lines, one object each; blank ones are skipped.

    Args:
        data: The lines.
        roles: Role → name of the field; nested values become their JSON.
    """
    data = one_line_end(data.removeprefix(codecs.BOM_UTF8))
    if not text.is_utf8(data):
        data = text.decode(data, text.WINDOWS).encode()
    if not data.strip():
        empty = pa.table({role: pa.array([], pa.string()) for role in roles})
        return Rows(empty, data)
    try:
        table = _read_typed(data, roles)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        table = None
    if table is not None and all(_exact(table[role]) for role in (USER, MOVIE) if role in roles):
        return Rows(table, data)
    return _read_each(data, roles)


def _read_typed(data: bytes, roles: Mapping[str, str]) -> pa.Table | None:
    """Reads by inferred types; None where a field is nested or occurs in no line."""
    table = pa_json.read_json(
        io.BytesIO(data),
        read_options=pa_json.ReadOptions(use_threads=False, block_size=len(data) + 1),
    )
    if set(roles.values()) - set(table.column_names):
        return None
    table = table.select(list(roles.values())).rename_columns(list(roles))
    nested = any(pa.types.is_nested(kind) or pa.types.is_null(kind) for kind in table.schema.types)
    return None if nested else table


def _exact(ids: pa.ChunkedArray) -> bool:
    """True where ids were not changed by being read as a number or as a time."""
    if pa.types.is_floating(ids.type):
        return bool(pc.all(pc.less(pc.abs(ids), _EXACT)).as_py())
    return not pa.types.is_temporal(ids.type)


def _value(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)


def _object(line: bytes) -> dict[str, Any] | None:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _read_each(data: bytes, roles: Mapping[str, str]) -> Rows:
    """Reads line by line, every value as text."""
    lines = data.split(b"\n")
    numbers = [number for number, line in enumerate(lines) if line.strip()]
    objects: Sequence[dict[str, Any] | None] = [_object(lines[number]) for number in numbers]
    good = [value for value in objects if value is not None]
    broken = [n for n, value in zip(numbers, objects, strict=True) if value is None]
    columns = {
        role: pa.array([_value(value.get(name)) for value in good], pa.string())
        for role, name in roles.items()
    }
    return Rows(pa.table(columns), data, broken)

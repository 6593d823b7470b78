"""How the files were read: dialect, columns and first rows, as `inspect` shows them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from components.report.page import formatting
from components.report.page.blocks import Block, Details, Note, Table


def how_read(summary: Mapping[str, Any]) -> list[Block]:
    """Returns what ExampleGen understood of the files; nothing for data of an older version."""
    inspection = summary.get("inspection")
    if not inspection:
        return []
    return [
        Note(f"Positives: {inspection['positives']}."),
        Details(
            "How the files were read",
            (files(inspection), columns(inspection), *first_rows(inspection)),
        ),
    ]


def files(inspection: Mapping[str, Any]) -> Table:
    """Returns the files with their roles and how they are written, and those that are not read."""
    rows = [
        (_names(file["files"]), file["role"], formatting.size(file["bytes"]), _written(file))
        for file in inspection["files"]
    ]
    rows += [
        (ignored["file"], "not read", formatting.DASH, ignored["why"])
        for ignored in inspection["ignored"]
    ]
    header = ("file", "role", "size", "how it is written")
    return Table("Files", header, tuple(rows), text_columns=frozenset({1, 3}))


def _names(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{names[0]} and {len(names) - 1:,} more"


def _written(file: Mapping[str, Any]) -> str:
    return file["written"] + (f", {file['packed']}" if file["packed"] else "")


def columns(inspection: Mapping[str, Any]) -> Table:
    """Returns which column was taken for what, and why."""
    rows = tuple(
        (f"{file['role']}: {role}", column["column"], column["why"])
        for file in inspection["files"]
        for role, column in file["columns"].items()
    )
    header = ("what", "column", "why")
    return Table("Columns", header, rows, text_columns=frozenset({1, 2}))


def first_rows(inspection: Mapping[str, Any]) -> list[Table]:
    """Returns the first interactions as they were read."""
    shown = inspection["first_rows"]
    if not shown:
        return []
    rows = tuple(tuple(str(value) for value in row.values()) for row in shown)
    every = frozenset(range(len(shown[0])))
    return [Table("First rows, as they were read", tuple(shown[0]), rows, text_columns=every)]

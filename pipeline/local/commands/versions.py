"""The pushed versions of a model: when, from which data, how good, and which one is live."""

from __future__ import annotations

import datetime
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from components.served_versions.versions import all_versions, find_live, is_complete
from pipeline.local.workspace import history
from pipeline.local.workspace.history import Entry
from pipeline.local.workspace.workspace import Workspace

_FIGURES = ("top_100_accuracy", "unseen_top_100_accuracy")


@dataclass(frozen=True)
class Version:
    """A folder of the served model.

    Attributes:
        name: Name of the folder, a number.
        path: The folder.
        live: Whether this is what servers serve.
        complete: Whether it is a whole SavedModel.
        entry: What the history says of it; {} if nothing.
    """

    name: str
    path: Path
    live: bool
    complete: bool
    entry: Entry

    def as_dict(self) -> dict[str, Any]:
        """Returns what a program wants to know, ready for JSON."""
        return {
            "version": self.name,
            "path": str(self.path),
            "live": self.live,
            "complete": self.complete,
            "pushed": self.entry.get("started"),
            "data": self.entry.get("data", {}),
            "metrics": (self.entry.get("metrics") or {}).get("model", {}),
            "copy_of": self.entry.get("copy_of"),
            "reason": self.entry.get("reason") if self.entry.get("copy_of") else None,
        }


def list_versions(workspace: Workspace) -> list[Version]:
    """Returns the versions in the served folder, oldest first, complete or not."""
    entries = history.read_entries(workspace.history)
    live = find_live(workspace.serving)
    return [
        Version(
            name=path.name,
            path=path,
            live=live is not None and live[1] == path,
            complete=is_complete(path),
            entry=history.entry_of_version(entries, path.name) or {},
        )
        for _, path in all_versions(workspace.serving)
    ]


def print_versions(workspace: Workspace, as_json: bool) -> int:
    """Prints the versions, newest first; returns the exit code."""
    versions = list_versions(workspace)[::-1]
    if as_json:
        print(json.dumps([version.as_dict() for version in versions], indent=2))
        return 0
    console = Console()
    if not versions:
        console.print(f"Nothing pushed yet in {workspace.serving}", highlight=False)
        return 0
    console.print(_table(versions))
    for version in versions:
        if note := _note(version):
            console.print(f"{version.name}: {note}", highlight=False, markup=False, soft_wrap=True)
    return 0


def _table(versions: list[Version]) -> Table:
    """Builds the table; without spans it fits into 80 columns."""
    spans = any((version.entry.get("data") or {}).get("span") for version in versions)
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0))
    for name in ("version", "", "pushed (UTC)", "ratings from – to", *(["spans"] * spans)):
        table.add_column(name, no_wrap=True)
    for name in ("top\n100, %", "unseen\n100, %"):
        table.add_column(name, justify="right")
    for version in versions:
        metrics = (version.entry.get("metrics") or {}).get("model", {})
        data = version.entry.get("data") or {}
        table.add_row(
            version.name,
            "live" if version.live else "",
            _minute(version.entry.get("started", "")),
            data_window(data),
            *([str(data.get("span") or "–")] * spans),
            *(f"{100 * metrics[name]:.2f}" if name in metrics else "–" for name in _FIGURES),
            style="bold green" if version.live else "",
        )
    return table


def data_window(data: dict[str, Any]) -> str:
    """Returns the days (UTC) of the first and the last rating."""
    first, last = data.get("first_timestamp"), data.get("last_timestamp")
    return "–" if first is None or last is None else f"{_day(first)} – {_day(last)}"


def _day(timestamp: int) -> str:
    return datetime.datetime.fromtimestamp(timestamp, datetime.timezone.utc).date().isoformat()


def _minute(started: str) -> str:
    return started[:16].replace("T", " ") or "–"


def _note(version: Version) -> str:
    if not version.complete:
        return "incomplete: servers pass it over"
    if version.entry.get("copy_of"):
        return f"copy of {version.entry['copy_of']}: {version.entry['reason']}"
    return "" if version.entry else "not in the history"

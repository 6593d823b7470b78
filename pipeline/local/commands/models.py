"""The command that lists the pushed versions: data, figures, and which one is live."""

from __future__ import annotations

import argparse
import datetime
from typing import Any

from rich.table import Table

from components.contracts.metric_names import UNSEEN, accuracy
from pipeline.local.screen.history_note import print_history_note
from pipeline.local.workspace.versions import Version, list_versions
from pipeline.local.workspace.workspace import Workspace
from pipeline.terminal import AnswerScreen, plain_text, print_json, print_line

NAME = "models"
HELP = "list the pushed versions and say which one is live"
_FIGURES = (accuracy(100), accuracy(100, UNSEEN))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the command's own options."""
    parser.add_argument("--json", action="store_true", help="print JSON, with all figures")


def run(workspace: Workspace, arguments: argparse.Namespace) -> int:
    """Carries out the command; returns the exit code."""
    print_history_note(workspace)
    return print_versions(workspace, arguments.json)


def print_versions(workspace: Workspace, as_json: bool) -> int:
    """Prints the versions, newest first; returns the exit code."""
    versions = list_versions(workspace)[::-1]
    if as_json:
        print_json([version.as_dict() for version in versions])
        return 0
    console = AnswerScreen()
    if not versions:
        print_line(console, f"Nothing pushed yet in {workspace.serving}")
        return 0
    console.print(_table(versions))
    for version in versions:
        if note := _note(version):
            print_line(console, f"{version.name}: {note}")
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
            # Text, because what stands in the history may look like markup.
            plain_text((version.entry.get("started") or "")[:16].replace("T", " ") or "–"),
            data_window(data),
            *([plain_text(str(data.get("span") or "–"))] * spans),
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


def _note(version: Version) -> str:
    if not version.complete:
        return "incomplete: servers pass it over"
    if version.entry.get("copy_of"):
        reason = version.entry.get("reason") or "no reason given"
        return f"copy of {version.entry['copy_of']}: {reason}"
    return "" if version.entry else "not in the history"

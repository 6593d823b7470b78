"""The command that says what would be read of some data, before a run."""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable, Mapping
from typing import Any

import yaml
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from components.example_gen.config import DataConfig
from components.example_gen.inspection.inspect import check_usable, inspect
from components.example_gen.sources import spans
from components.example_gen.sources.data_files import check_data
from pipeline.argument_types import path
from pipeline.local.run.data_root import add_data_arguments, resolve_data_root
from pipeline.local.run.settings import read_settings
from pipeline.local.workspace.workspace import Workspace
from pipeline.terminal import AnswerScreen, plain_text, print_json, print_line, print_text

NAME = "inspect"
HELP = "say what would be read of the data, and how: files, columns, scale, times, losses"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the command's own options, and those of a run that it needs."""
    add = parser.add_argument
    add("--full", action="store_true", help="read everything, not a sample")
    add("--json", action="store_true", help="print everything as JSON")
    add_data_arguments(parser, default=argparse.SUPPRESS)
    for option, kind in (("--config", path), ("--preset", str)):
        add(option, type=kind, default=argparse.SUPPRESS, help="as for a run", metavar="…")
    add(
        "--set",
        action="append",
        dest="more_assignments",
        default=[],
        help="as for a run",
        metavar="…",
    )


def run(workspace: Workspace, arguments: argparse.Namespace) -> int:
    """Carries out the command; returns the exit code.

    Raises:
        DataError: What was found, and is printed, is of no use for a run.
    """
    arguments.assignments = [*arguments.assignments, *arguments.more_assignments]
    config = read_settings(arguments).data
    console = AnswerScreen(stderr=True)
    root = str(resolve_data_root(arguments, workspace.sample, console))
    document = _inspect(root, config, arguments.full, console)
    if arguments.json:
        print_json(document)
    else:
        print_document(AnswerScreen(), document)
    check_usable(document, root, config.max_dropped_share)
    return 0


def _inspect(root: str, config: DataConfig, full: bool, console: Console) -> dict[str, Any]:
    data = check_data(root, config, spans.patterns(root, config))
    if not full:
        return inspect(data, root, config)
    columns = (TextColumn("Reading"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with (
        tempfile.TemporaryDirectory(prefix="inspect-") as copies,
        Progress(*columns, console=console, transient=True) as progress,
    ):
        task = progress.add_task("blocks", total=None)

        def progressed(done: int, total: int) -> None:
            progress.update(task, completed=done, total=total)

        return inspect(data, root, config, copies, progressed)


def print_document(console: Console, document: Mapping[str, Any]) -> None:
    """Prints what was understood, for a person."""

    def show(text: str) -> None:
        print_line(console, text)

    console.print(_files_table(document))
    console.print(_columns_table(document))
    if document["first_rows"]:
        console.print(_rows_table(document["first_rows"]))
    console.print()
    _print_facts(show, document)
    for warning in document["warnings"]:
        print_line(console, f"Warning: {warning}", "yellow")
    console.print()
    show("Where this is wrong, put the right values into a file for --config:")
    console.print()
    settings = yaml.safe_dump(document["settings"], sort_keys=False, allow_unicode=True)
    print_text(console, settings.rstrip())


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left", box=None, pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


def _files_table(document: Mapping[str, Any]) -> Table:
    table = _table(f"Files ({document['layout']})", "file", "role", "size", "how it is written")
    for file in document["files"]:
        names = file["files"]
        name = names[0] if len(names) == 1 else f"{names[0]} and {len(names) - 1:,} more"
        packed = f", {file['packed']}" if file["packed"] else ""
        size = f"{file['bytes'] / 1e6:,.1f} MB"
        table.add_row(plain_text(name), file["role"], size, plain_text(file["written"] + packed))
    for ignored in document["ignored"]:
        table.add_row(
            plain_text(ignored["file"], "dim"),
            plain_text("not read", "dim"),
            "",
            plain_text(ignored["why"]),
        )
    return table


def _columns_table(document: Mapping[str, Any]) -> Table:
    table = _table("\nColumns", "what", "column", "why")
    for file in document["files"]:
        for role, column in file["columns"].items():
            what = role if file["role"] == "ratings" else f"{file['role']}: {role}"
            table.add_row(what, plain_text(column["column"]), plain_text(column["why"]))
        if file["not_read"]:
            names = ", ".join(file["not_read"][:12])
            table.add_row(plain_text("not read", "dim"), plain_text(names, "dim"), "")
    return table


def _rows_table(rows: list[dict[str, Any]]) -> Table:
    table = _table("\nFirst rows, as they are read", *rows[0])
    for row in rows:
        table.add_row(*(plain_text(str(value)) for value in row.values()))
    return table


def _print_facts(show: Callable[[str], None], document: Mapping[str, Any]) -> None:
    values, times, known = document["values"], document["times"], document["catalogue"]
    seen = "" if document["whole"] else " of a sample (--full reads everything)"
    scale = f", {values['min']:g} to {values['max']:g}" if "min" in values else ""
    counts = ", ".join(f"{value}: {n:,}" for value, n in values.get("values", {}).items())
    show(f"Values: {values['kind']}{scale}{f' ({counts})' if counts else ''}")
    show(f"Positives: {document['positives']}")
    if document["events"] is not None:
        names = ", ".join(document["events"])
        show(f"Events: {names}; data.event_weights gives them weights")
    if times:
        show(f"Times: {times['first']} to {times['last']} ({times['format']})")
    else:
        show("Times: none")
    show(
        f"Rows{seen}: {document['rows']:,}; {document['interactions']:,} pairs of "
        f"{document['users']:,} users and {document['rated_movies']:,} movies"
    )
    if known:
        genres = f", {known['genres']:,} genres" if known["genres"] else ""
        titles = ", ".join(known["titles"])
        show(f"Movies file: {known['movies']:,} movies{genres}; as {titles}")
    for reason, count in document["dropped"].items():
        first = document["first_dropped"].get(reason)
        show(f"Left out: {count:,} × {reason}{f' (first: {first})' if first else ''}")
    show(f"Possible splits: {', '.join(document['splits'])}")

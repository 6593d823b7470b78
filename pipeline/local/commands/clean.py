"""Removes what is no longer needed: old versions, and the artifacts of runs of some age.

ML Metadata keeps its rows, so that what was run stays readable; its artifacts are marked deleted
first, so that TFX's cache never offers one that is about to be removed. The artifacts of the run
that pushed the live version are retained whatever their age: a rerun of it then takes everything
from the cache and pushes nothing.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.table import Table

from components.served_versions import retention
from components.served_versions.removal import remove
from pipeline.argument_types import parse_duration, whole_number
from pipeline.config.local import RetentionConfig
from pipeline.local.screen.history_note import print_history_note
from pipeline.local.workspace import history
from pipeline.local.workspace.versions import list_versions, origin
from pipeline.local.workspace.workspace import Workspace
from pipeline.terminal import Screen, plain_text, print_line

NAME = "clean"
HELP = "remove surplus versions, never the live one, and what old runs left"


@dataclass(frozen=True)
class Item:
    """Something to remove.

    Attributes:
        what: What it is, for a person.
        path: Its folder.
        bytes: Its size.
        artifact: Its artifact in ML Metadata, or None.
    """

    what: str
    path: Path
    bytes: int
    artifact: Any = None


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the command's own options."""
    add = parser.add_argument
    add(
        "--older-than",
        type=parse_duration,
        metavar="AGE",
        help="remove the artifacts of runs that ended before, as 30d or 12h; not those of the run "
        "that pushed the live version",
    )
    add(
        "--keep-versions",
        type=whole_number(0, 1_000_000),
        metavar="N",
        help="versions to keep, 0 for all (default: retention.keep_versions of the newest run)",
    )
    add("--dry-run", action="store_true", help="only list, with sizes")


def run(workspace: Workspace, arguments: argparse.Namespace) -> int:
    """Carries out the command; returns the exit code."""
    print_history_note(workspace)
    return clean(workspace, arguments.older_than, arguments.keep_versions, arguments.dry_run)


def clean(workspace: Workspace, older_than: float | None, keep: int | None, dry_run: bool) -> int:
    """Removes old versions and artifacts, or prints what it would remove; returns the exit code.

    Args:
        workspace: The output root.
        older_than: Artifacts of runs that ended more seconds ago are removed; None keeps all.
        keep: Versions to keep, 0 for all; None: retention.keep_versions of the newest run.
        dry_run: Only print.

    Raises:
        BusyError: A run is under way.
    """
    with workspace.lock():
        retained = newest_keep(workspace) if keep is None else keep
        versions = [
            Item("version", path, folder_bytes(path))
            for path in retention.surplus_versions(workspace.serving, retained)
        ]
        store, artifacts, orphans = None, [], list[Item]()
        if older_than is not None:
            before = time.time() - older_than
            orphans = find_orphaned(workspace, before)
            if workspace.metadata.exists():
                # Half a second to import, for nothing where only versions are counted.
                from pipeline.local.workspace.metadata import Store

                store = Store(workspace.metadata)
                artifacts = find_old(workspace, store, before)
        if not dry_run:
            retention.remove_versions(workspace.serving, [item.path for item in versions])
            if store is not None:
                store.mark_deleted(item.artifact for item in artifacts if item.artifact is not None)
            for item in (*artifacts, *orphans):
                remove(item.path)  # as far as that is possible
    _print(versions + artifacts + orphans, workspace.root, dry_run)
    return 0


def newest_keep(workspace: Workspace) -> int:
    """Returns retention.keep_versions of the newest finished run, or the default."""
    for entry in reversed(history.read_entries(workspace.history)):
        config = entry.get("config") or {}
        keep = (config.get("retention") or {}).get("keep_versions")
        if isinstance(keep, int):
            return keep
    return RetentionConfig().keep_versions


def folder_bytes(path: Path) -> int:
    """Returns the bytes of all files in a folder."""
    return sum(file.stat().st_size for file in path.rglob("*") if file.is_file())


def find_old(workspace: Workspace, store: Any, before: float) -> list[Item]:
    """Returns the artifacts and logs that belong only to runs that ended before a time.

    The time is in seconds since 1970.
    """
    live = live_origin(workspace)
    runs = store.runs()
    retained = [run for run in runs if run.ended >= before or live in run.versions]
    old = [run for run in runs if run not in retained]

    def only_old(ids: str) -> frozenset[int]:
        in_old, in_retained = (
            frozenset[int]().union(*(getattr(run, ids) for run in runs)) for runs in (old, retained)
        )
        return in_old - in_retained

    artifacts = store.artifacts()
    items = []
    for id_ in sorted(only_old("artifacts") & artifacts.keys()):
        path = Path(artifacts[id_].uri)
        # Nothing outside is ours, as when the output root was copied from elsewhere.
        if path.is_dir() and workspace.artifacts.absolute() in path.parents:
            items.append(Item(artifacts[id_].type, path, folder_bytes(path), artifacts[id_]))
    # TFX keeps what executors report in folders that are named by the id of the execution.
    folders = sorted(workspace.artifacts.glob("*/.system/executor_execution/*"))
    executions = {str(id_) for id_ in only_old("executions")}
    items += [
        Item("log of a component", path, folder_bytes(path))
        for path in folders
        if path.name in executions
    ]
    return items


def find_orphaned(workspace: Workspace, before: float) -> list[Item]:
    """Returns artifacts that were moved aside, being unknown to ML Metadata (see database.py)."""
    return [
        Item("orphaned artifacts", path, folder_bytes(path))
        for path in sorted(workspace.artifacts.parent.glob(f"{workspace.name}.orphaned-*"))
        if path.is_dir() and not path.is_symlink() and path.stat().st_mtime < before
    ]


def live_origin(workspace: Workspace) -> str:
    """Returns the version that a run pushed and that is live, itself or as a copy; "" for none."""
    versions = list_versions(workspace)
    live = next((version for version in versions if version.live), None)
    return "" if live is None else origin(live, {version.name: version for version in versions})


def _print(items: list[Item], root: Path, dry_run: bool) -> None:
    console = Screen()
    with console.tolerated():  # what is removed is removed
        table = Table(box=None, pad_edge=False)
        table.add_column("what")
        table.add_column("size", justify="right")
        table.add_column("where", overflow="fold")
        for item in items:
            where = item.path.absolute().relative_to(root.absolute())
            table.add_row(item.what, megabytes(item.bytes), plain_text(str(where)))
        if items:
            console.print(table)
    total = megabytes(sum(item.bytes for item in items))
    did = "would be removed (dry run)" if dry_run else "removed"
    folders = "1 folder" if len(items) == 1 else f"{len(items)} folders"
    print_line(console, f"{folders}, {total}, {did}")


def megabytes(count: int) -> str:
    """Returns bytes as text in MB."""
    return f"{count / 1e6:,.1f} MB"

"""Removes what is no longer needed: old versions, and the artifacts of runs of some age.

ML Metadata keeps its rows, so that what was run stays readable; its artifacts are marked deleted
first, so that TFX's cache never offers one that is going. What the run made that pushed the live
version is kept whatever its age: a rerun of it then finds everything in the cache and pushes
nothing.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from components.served_versions import retention
from pipeline.config.local import RetentionConfig
from pipeline.local.commands.rollback import origin
from pipeline.local.commands.versions import list_versions
from pipeline.local.workspace import history
from pipeline.local.workspace.workspace import Workspace


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


def clean(workspace: Workspace, older_than: float | None, keep: int | None, dry_run: bool) -> int:
    """Removes old versions and artifacts, or prints what it would remove; returns the exit code.

    Args:
        workspace: Where to clean.
        older_than: Age in seconds from which the artifacts of a run go; None: none go.
        keep: Versions to keep, 0 for all; None: what the newest run's retention.keep_versions said.
        dry_run: Only print.

    Raises:
        BusyError: If a run is under way.
    """
    with workspace.lock():
        kept = newest_keep(workspace) if keep is None else keep
        versions = [
            Item("version", path, folder_bytes(path))
            for path in retention.surplus_versions(workspace.serving, kept)
        ]
        store, artifacts, orphans = None, [], list[Item]()
        if older_than is not None:
            before = time.time() - older_than
            orphans = find_orphaned(workspace, before)
            if workspace.metadata.exists():
                store = _open(workspace)
                artifacts = find_old(workspace, store, before)
        if not dry_run:
            retention.remove_versions(workspace.serving, [item.path for item in versions])
            if store is not None:
                _remove(store, artifacts)
            remove_folders(orphans)
    _print(versions + artifacts + orphans, workspace.root, dry_run)
    return 0


def newest_keep(workspace: Workspace) -> int:
    """Returns retention.keep_versions as the newest finished run had it, or the default."""
    for entry in reversed(history.read_entries(workspace.history)):
        keep = (entry.get("config") or {}).get("retention", {}).get("keep_versions")
        if isinstance(keep, int):
            return keep
    return RetentionConfig().keep_versions


def folder_bytes(path: Path) -> int:
    """Returns the bytes of all files in a folder."""
    return sum(file.stat().st_size for file in path.rglob("*") if file.is_file())


def _open(workspace: Workspace) -> Any:
    # Half a second to import, for nothing where only versions are counted.
    from pipeline.local.workspace.metadata import Store

    return Store(workspace.metadata)


def find_old(workspace: Workspace, store: Any, before: float) -> list[Item]:
    """Finds what only runs that ended before a time left in the folder of artifacts.

    Args:
        workspace: The output root.
        store: Its ML Metadata.
        before: Seconds since 1970.
    """
    runs = store.runs()
    live = live_origin(workspace)
    kept = [run for run in runs if run.ended >= before or live in run.versions]
    old = [run for run in runs if run not in kept]
    kept_artifacts = frozenset[int]().union(*(run.artifacts for run in kept))
    old_artifacts = frozenset[int]().union(*(run.artifacts for run in old)) - kept_artifacts
    kept_executions = frozenset[int]().union(*(run.executions for run in kept))
    old_executions = frozenset[int]().union(*(run.executions for run in old)) - kept_executions
    found = store.artifacts()
    items = []
    for id_ in sorted(old_artifacts & found.keys()):
        path = Path(found[id_].uri)
        # Nothing outside is ours, as when the output root was copied from elsewhere.
        if path.is_dir() and workspace.artifacts.absolute() in path.parents:
            items.append(Item(found[id_].type, path, folder_bytes(path), found[id_]))
    items += [
        Item("log of a component", path, folder_bytes(path))
        for path in _system_folders(workspace.artifacts)
        if path.name in map(str, old_executions)
    ]
    return items


def find_orphaned(workspace: Workspace, before: float) -> list[Item]:
    """Finds artifacts that were set aside because no metadata told of them (see database.py)."""
    return [
        Item("orphaned artifacts", path, folder_bytes(path))
        for path in sorted(workspace.artifacts.parent.glob(f"{workspace.name}.orphaned-*"))
        if path.stat().st_mtime < before
    ]


def live_origin(workspace: Workspace) -> str:
    """Returns the pushed version that is live, by itself or as a copy; "" for none."""
    versions = list_versions(workspace)
    live = next((version for version in versions if version.live), None)
    return "" if live is None else origin(live, {version.name: version for version in versions})


def _system_folders(artifacts: Path) -> Iterator[Path]:
    """Yields the folders of what executors told TFX; their names are execution ids."""
    yield from sorted(artifacts.glob("*/.system/executor_execution/*"))


def _remove(store: Any, items: list[Item]) -> None:
    store.mark_deleted(item.artifact for item in items if item.artifact is not None)
    remove_folders(items)


def remove_folders(items: list[Item]) -> None:
    """Removes the items' folders as far as that is possible."""
    for item in items:
        shutil.rmtree(item.path, ignore_errors=True)


def _print(items: list[Item], root: Path, dry_run: bool) -> None:
    console = Console()
    table = Table(box=None, pad_edge=False)
    table.add_column("what")
    table.add_column("size", justify="right")
    table.add_column("where", overflow="fold")
    for item in items:
        where = item.path.absolute().relative_to(root.absolute())
        table.add_row(item.what, megabytes(item.bytes), str(where))
    if items:
        console.print(table)
    total = megabytes(sum(item.bytes for item in items))
    did = "would be removed (dry run)" if dry_run else "removed"
    folders = "1 folder" if len(items) == 1 else f"{len(items)} folders"
    console.print(f"{folders}, {total}, {did}", highlight=False)


def megabytes(count: int) -> str:
    """Returns bytes as text in MB."""
    return f"{count / 1e6:,.1f} MB"

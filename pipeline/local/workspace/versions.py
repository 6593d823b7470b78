"""The pushed versions of a model, with what the history says of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from components.served_versions.versions import all_versions, find_live, is_complete
from pipeline.local.workspace import history
from pipeline.local.workspace.history import Entry
from pipeline.local.workspace.workspace import Workspace


@dataclass(frozen=True)
class Version:
    """A folder of the served model.

    Attributes:
        name: Name of the folder, a number.
        path: The folder.
        live: Whether this is what servers serve.
        complete: Whether it is a whole SavedModel.
        entry: Its entry in the history; {} where there is none.
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


def origin(version: Version, versions: Mapping[str, Version]) -> str:
    """Returns the name of the version that a run pushed: this one, or what it is a copy of.

    `versions` are all by name.
    """
    name, entry = version.name, version.entry
    # A copy is always newer than what it is of, so this ends.
    while (copied := entry.get("copy_of")) and history.is_older(copied, name):
        name = copied
        entry = versions[name].entry if name in versions else {}
    return name

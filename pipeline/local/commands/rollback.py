"""Makes an older version live again, without a moment in which nothing is.

Servers take the highest number. So the older version is copied to a number of its own above all
others, which appears in one step (components.served_versions.publish): until then the present
version is live, and so it stays if the copy fails. The gate's baseline is what is live, so it
follows.
"""

from __future__ import annotations

import datetime
import time
from typing import Any

from rich.console import Console

from components.errors import UserError
from components.served_versions.publish import publish
from pipeline.local.commands.versions import Version, list_versions
from pipeline.local.workspace import history
from pipeline.local.workspace.workspace import BusyError, Workspace

# What the entry of a rollback takes over from the run that made the model: with it, a rerun of that
# run finds its own model live and has nothing to do.
_OF_THE_MODEL = (
    "config",
    "data",
    "metrics",
    "gate",
    "baseline_version",
    "push_token",
    "run_key",
    "versions",
)


class RollbackError(UserError):
    """A version that cannot be made live."""


def roll_back(workspace: Workspace, wanted: str | None, reason: str) -> int:
    """Makes a version live again and notes why in the history; returns the exit code.

    A run under way is not waited for: a bad model must go at once.

    Args:
        workspace: Where the versions are.
        wanted: Name of the version; None for the one that was live before the present model.
        reason: Why, for whoever reads the history.

    Raises:
        RollbackError: If there is no such version or it is live already.
    """
    console = Console()
    start = time.monotonic()
    versions = list_versions(workspace)
    live, source = choose(versions, wanted)
    started = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds")
    name, path = publish(source.path, workspace.serving)
    if name == live.name:
        raise RollbackError(
            f"rollback: version {source.name} is the same model as {name}, the live one"
        )
    entry: dict[str, Any] = {
        **{key: source.entry[key] for key in _OF_THE_MODEL if key in source.entry},
        "status": history.ROLLED_BACK,
        "exit_code": 0,
        "reason": reason,
        "pipeline": workspace.name,
        "started": started,
        "seconds": round(time.monotonic() - start, 2),
        "pushed": {"version": name, "path": str(path)},
        "copy_of": source.name,
        "replaced": live.name,
    }
    history.append_entry(workspace.history, entry)
    say = f"rolled back: version {name}, a copy of {source.name}, is live in place of {live.name}"
    console.print(say, style="bold green", highlight=False, soft_wrap=True)
    console.print(f"Model: {path}", highlight=False, soft_wrap=True)
    if is_busy(workspace):
        console.print(
            "A run is under way here; what it pushes at its end will be live then",
            style="yellow",
            soft_wrap=True,
        )
    return 0


def choose(versions: list[Version], wanted: str | None) -> tuple[Version, Version]:
    """Returns the live version and the one to go back to.

    Args:
        versions: Oldest first.
        wanted: Name of the version; None: the newest that is older than the live model. Where a
            rollback made the live version, its model is as old as what it is a copy of.

    Raises:
        RollbackError: If there is none.
    """
    complete = {version.name: version for version in versions if version.complete}
    live = next((version for version in versions if version.live), None)
    if live is None:
        raise RollbackError("rollback: nothing is live, so there is nothing to roll back")
    if wanted is None:
        age = int(origin(live, complete))
        older = [version for version in complete.values() if int(version.name) < age]
        if not older:
            raise RollbackError(f"rollback: no version is older than the live one, {live.name}")
        return live, older[-1]
    if wanted == live.name:
        raise RollbackError(f"rollback: version {wanted} is live already")
    if wanted not in complete:
        others = ", ".join(name for name in complete if name != live.name) or "none"
        raise RollbackError(f"rollback: no complete version {wanted!r}; there are {others}")
    return live, complete[wanted]


def origin(version: Version, complete: dict[str, Version]) -> str:
    """Returns the name of the version that a run pushed and this one is a copy of, by any steps."""
    name, entry = version.name, version.entry
    while copied := entry.get("copy_of"):
        name = copied
        entry = complete[name].entry if name in complete else {}
    return name


def is_busy(workspace: Workspace) -> bool:
    """Returns whether a run holds the output root."""
    try:
        with workspace.lock():
            return False
    except BusyError:
        return True

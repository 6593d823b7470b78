"""Makes an older version live again, without a moment in which nothing is.

Servers take the highest number. So the older version is copied to a number of its own above all
others, which appears in one step (components.served_versions.publish): until then the present
version is live, and so it stays if the copy fails. The gate's baseline is what is live, so it
follows.
"""

from __future__ import annotations

import argparse

from components.errors import ConfigError, UserError
from components.served_versions.publish import announced_to, publish
from pipeline.local.screen.history_note import print_history_note
from pipeline.local.workspace import history
from pipeline.local.workspace.intents import Intent, NotRecordedError, settle
from pipeline.local.workspace.versions import Version, list_versions, origin
from pipeline.local.workspace.workspace import BusyError, Workspace
from pipeline.terminal import Screen, print_line

NAME = "rollback"
HELP = "make an older version live again, as a copy of it"
# What the entry of a rollback takes over from the run that trained the model. A rerun of that run
# then sees that its own model is live and has nothing to do.
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


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the command's own options."""
    parser.add_argument(
        "version", nargs="?", help="version (default: the one that was live before)"
    )
    parser.add_argument("--reason", required=True, help="why, for the history")


def run(workspace: Workspace, arguments: argparse.Namespace) -> int:
    """Carries out the command; returns the exit code."""
    print_history_note(workspace)
    return roll_back(workspace, arguments.version, arguments.reason)


def roll_back(workspace: Workspace, wanted: str | None, reason: str) -> int:
    """Makes a version live again and notes why in the history; returns the exit code.

    A run under way is not waited for: a bad model must go at once.

    Args:
        workspace: The output root.
        wanted: Name of the version; None for the one that was live before the present model.
        reason: Why, for whoever reads the history.

    Raises:
        RollbackError: There is no such version, or it is live already.
        NotRecordedError: The history cannot be written. The text says whether the rollback took
            effect.
    """
    console = Screen()
    for one in settle(workspace):
        print_line(console, one.sentence, "yellow")
    live, source = select_version(list_versions(workspace), wanted)
    intent = Intent(workspace)
    note = intent.noting(lambda: _entry(workspace, live, source, reason))
    with announced_to(note), intent.pending():
        name, path = publish(source.path, workspace.serving)
    if name == live.name:
        raise RollbackError(
            f"rollback: version {source.name} is the same model as {name}, the live one"
        )
    text = f"version {name}, a copy of {source.name}, is live in place of {live.name}"
    try:
        history.append_entry(workspace.history, intent.entry)
    except OSError as error:
        intent.release()
        raise NotRecordedError(
            f"rollback: {text}, but {workspace.history} could not be written "
            f"({error.strerror or error}): the next run or rollback records it"
        ) from error
    intent.remove()
    print_line(console, f"rolled back: {text}", "bold green")
    print_line(console, f"Model: {path}")
    if is_busy(workspace):
        text = "A run is under way here; what it pushes at its end will be live then"
        print_line(console, text, "yellow")
    return 0


def _entry(workspace: Workspace, live: Version, source: Version, reason: str) -> history.Entry:
    """Returns what the history says of the rollback, but for its version and time."""
    return {
        **{key: source.entry[key] for key in _OF_THE_MODEL if key in source.entry},
        "status": history.ROLLED_BACK,
        "exit_code": 0,
        "reason": reason,
        "pipeline": workspace.name,
        "copy_of": source.name,
        "replaced": live.name,
    }


def select_version(versions: list[Version], wanted: str | None) -> tuple[Version, Version]:
    """Returns the live version and the one to go back to.

    Args:
        versions: Oldest first.
        wanted: Name of the version; None: the newest that is older than the live model. Where a
            rollback made the live version, its model is as old as what it is a copy of.

    Raises:
        RollbackError: There is none.
    """
    complete = {version.name: version for version in versions if version.complete}
    live = next((version for version in versions if version.live), None)
    if live is None:
        raise RollbackError("rollback: nothing is live, so there is nothing to roll back")
    if wanted is None:
        pushed = int(origin(live, complete))
        older = [version for version in complete.values() if int(version.name) < pushed]
        if not older:
            raise RollbackError(f"rollback: no version is older than the live one, {live.name}")
        return live, older[-1]
    if wanted == live.name:
        raise RollbackError(f"rollback: version {wanted} is live already")
    if wanted not in complete:
        others = ", ".join(name for name in complete if name != live.name) or "none"
        raise RollbackError(f"rollback: no complete version {wanted!r}; there are {others}")
    return live, complete[wanted]


def is_busy(workspace: Workspace) -> bool:
    """Returns whether a run holds the output root; False where the lock cannot tell."""
    try:
        with workspace.lock():
            return False
    except BusyError:
        return True
    except (ConfigError, OSError):
        return False

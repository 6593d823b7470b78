"""What a command says of a damaged history."""

from __future__ import annotations

from pipeline.local.workspace import history
from pipeline.local.workspace.workspace import Workspace
from pipeline.terminal import Screen, print_line


def print_history_note(workspace: Workspace) -> None:
    """Says on standard error, in one line, that lines of the history are passed over, if so."""
    if damage := history.damage(workspace.history):
        print_line(Screen(stderr=True), f"Warning: {damage}", "yellow")

"""A console that raises: what a command does and its exit code stay as they are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from rich.console import Console
from rich.live import Live
from rich.table import Table

from tests.hostile import command_lines
from tests.hostile.attempts import carry_out, count
from tests.hostile.command_lines import Command
from tests.hostile.place import Place

KIND = "consoles that raise"
COMMANDS = command_lines.commands()
# Commands whose one result is what they show: there an error in showing it is an error.
SHOWING = {
    ("local_runner", "models"),
    ("local_runner", "inspect"),
    ("kubeflow_runner", "status"),
    ("kubeflow_runner", "doctor"),
}


def fail(*_: Any, **__: Any) -> Any:
    raise RuntimeError("[/x] \x1b[2J\nsecond line")


def no_memory(*_: Any, **__: Any) -> Any:
    raise MemoryError


BREAKS: dict[str, tuple[type, str, Callable[..., Any]]] = {
    "print": (Console, "print", fail),
    "layout": (Console, "render", fail),
    "output": (Console, "_write_buffer", fail),
    "memory": (Console, "render_lines", no_memory),
    "spinner": (Console, "status", fail),
    "drawing": (Live, "start", fail),
    "table": (Table, "add_row", fail),
}


def changed(place: Place, command: Command) -> tuple[int | None, str, int]:
    """Carries out the command's line; returns exit code, output and how much it changed."""
    code, output, raised = carry_out(place, command.program, command.line(place))
    # Keras writes to the home folder when it is first imported.
    changes = len([name for name in place.changes() if not name.startswith("home")])
    place.restore()
    assert raised is None, output[-500:]
    return code, output, changes


@pytest.mark.parametrize("name", BREAKS)
@pytest.mark.parametrize("command", COMMANDS, ids=str)
def test_console_that_raises_changes_no_result(
    place: Place, monkeypatch: pytest.MonkeyPatch, command: Command, name: str
) -> None:
    code, _, changes = changed(place, command)
    assert code == 0
    where, method, broken = BREAKS[name]
    with monkeypatch.context() as patch:
        patch.setattr(where, method, broken)
        now, output, changes_now = changed(place, command)
    faults = []
    if now != 0 and not (command.key in SHOWING and now == 1 and "error: " in output):
        faults.append(f"exit code {now}")
    if changes_now != changes:
        faults.append(f"{changes_now} changes in place of {changes}")
    if "Traceback" in output or "\x1b" in output:
        faults.append("not one printable line")
    count(KIND, faults)
    assert not faults, (faults, output[-500:])

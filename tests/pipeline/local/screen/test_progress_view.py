"""What is drawn while components run."""

from __future__ import annotations

import io

from pipeline.local.run.dag import NodeResult
from pipeline.local.screen.progress_view import ProgressView
from pipeline.terminal import Screen


def _console(terminal: bool) -> Screen:
    return Screen(file=io.StringIO(), force_terminal=terminal, width=100, color_system=None)


def _play(console: Screen) -> ProgressView:
    view = ProgressView(console, ["ExampleGen", "Trainer", "Pusher"])
    with view.shown():
        view.started("ExampleGen")
        view.finished(NodeResult("ExampleGen", "done", True, 0.25))
        view.started("Trainer")
        view.progressed(3, 10, "loss 1.5")
        console.print(view)
        view.finished(NodeResult("Trainer", "failed", False, 2.0))
    return view


def test_run_view_without_a_terminal_prints_a_line_a_component() -> None:
    console = _console(terminal=False)
    _play(console)
    lines = console.file.getvalue().splitlines()  # type: ignore[attr-defined]
    assert any(line.split() == ["ExampleGen", "cached", "0.2", "s"] for line in lines)
    assert any(line.split() == ["Trainer", "failed", "2.0", "s"] for line in lines)


def test_run_view_on_a_terminal_shows_waiting_running_and_progress() -> None:
    console = _console(terminal=True)
    _play(console)
    drawn = console.file.getvalue()  # type: ignore[attr-defined]
    for word in ("running", "waiting", "3/10", "loss 1.5", "cached", "failed"):
        assert word in drawn


def test_run_view_states_are_what_the_record_needs() -> None:
    states = _play(_console(terminal=False)).states()
    assert states == [
        {"id": "ExampleGen", "state": "done", "cached": True, "seconds": 0.25},
        {"id": "Trainer", "state": "failed", "cached": False, "seconds": 2.0},
        {"id": "Pusher", "state": "waiting", "cached": False, "seconds": 0.0},
    ]

from __future__ import annotations

import io
from contextlib import closing

from rich.console import Console

from pipeline.local.screen.download_view import DownloadView


def _draw(terminal: bool, total: int | None) -> str:
    console = Console(file=io.StringIO(), width=100, force_terminal=terminal)
    with closing(DownloadView(console)) as view:
        view.say("Downloading [x] …")
        for done in range(0, 1001, 100):
            view.received(done, total)
        view.say("Unpacking …")
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_without_a_terminal_there_are_a_few_lines() -> None:
    # The first steps of 10 % that are at or beyond 25, 50, 75 and 100 %.
    assert _draw(terminal=False, total=1000).splitlines() == [
        "Downloading [x] …",
        "  25 %",
        "  50 %",
        "  75 %",
        "  100 %",
        "Unpacking …",
    ]


def test_without_a_known_size_nothing_is_said_of_shares() -> None:
    assert _draw(terminal=False, total=None).splitlines() == ["Downloading [x] …", "Unpacking …"]


def test_on_a_terminal_there_is_a_bar() -> None:
    drawn = _draw(terminal=True, total=1000)
    assert "1.0/1.0 kB" in drawn
    assert drawn.index("Downloading [x]") < drawn.index("1.0/1.0 kB") < drawn.index("Unpacking")
    assert "bytes" in _draw(terminal=True, total=None) or "kB" in _draw(terminal=True, total=None)

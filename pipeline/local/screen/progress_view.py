"""What a person sees while the components run: a live table, or plain lines without a terminal."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from pipeline.terminal import Screen, plain_text, print_line

if TYPE_CHECKING:
    from pipeline.local.run.dag import NodeResult

_STYLES = {
    "waiting": "dim",
    "running": "bold cyan",
    "cached": "green",
    "done": "green",
    "failed": "bold red",
}


@dataclass
class _Row:
    state: str = "waiting"
    seconds: float = 0.0


class ProgressView:
    """Shows the state, progress and seconds of each component."""

    def __init__(self, console: Screen, node_ids: list[str]) -> None:
        """Makes a row for each node, in the order they run."""
        self._console = console
        self._rows = {node_id: _Row() for node_id in node_ids}
        self._running: str | None = None
        self._since = 0.0
        self._progress = (0, 0, "")

    @contextlib.contextmanager
    def shown(self) -> Iterator[ProgressView]:
        """Draws while the block runs; the last state stays on the screen."""
        if not self._console.is_terminal:
            yield self
            return
        with self._console.drawing(lambda: Live(self, console=self._console, refresh_per_second=8)):
            yield self

    def started(self, node_id: str) -> None:
        """Marks the node as running."""
        self._rows[node_id].state = "running"
        self._running, self._since, self._progress = node_id, time.monotonic(), (0, 0, "")

    def finished(self, result: NodeResult) -> None:
        """Marks the node as done, cached or failed."""
        state = "cached" if result.cached else result.state
        self._rows[result.id] = _Row(state, result.seconds)
        self._running = None
        if not self._console.is_terminal:
            self._console.print(
                f"  {result.id:<18} {state:<8} {result.seconds:6.1f} s", highlight=False
            )

    def progressed(self, done: int, total: int, text: str) -> None:
        """Shows the progress of the running node."""
        self._progress = (done, total, text)

    def noted(self, text: str) -> None:
        """Prints a line that stays."""
        print_line(self._console, f"  {self._running}: {text}")

    def states(self) -> list[dict[str, object]]:
        """Returns id, state, cached and seconds of every node, for the record of the run."""
        return [
            {
                "id": node_id,
                "state": "done" if row.state == "cached" else row.state,
                "cached": row.state == "cached",
                "seconds": round(row.seconds, 2),
            }
            for node_id, row in self._rows.items()
        ]

    def __rich__(self) -> RenderableType:
        """Draws the table and, under it, the progress of the running node."""
        table = Table.grid(padding=(0, 2))
        for node_id, row in self._rows.items():
            table.add_row(
                self._mark(row),
                plain_text(node_id),
                plain_text(row.state, _STYLES[row.state]),
                self._seconds(row),
            )
        return Group(table, self._progress_line())

    def _mark(self, row: _Row) -> RenderableType:
        marks = {"waiting": "·", "cached": "✓", "done": "✓", "failed": "✗"}
        if row.state == "running":
            return Spinner("dots")
        return Text(marks[row.state], _STYLES[row.state])

    def _seconds(self, row: _Row) -> Text:
        if row.state == "waiting":
            return Text("")
        seconds = time.monotonic() - self._since if row.state == "running" else row.seconds
        return Text(f"{seconds:6.1f} s", justify="right")

    def _progress_line(self) -> RenderableType:
        done, total, text = self._progress
        if not total or self._running is None:
            return Text("")
        line = Table.grid(padding=(0, 1))
        line.add_row(
            ProgressBar(total=total, completed=done, width=30),
            Text(f"{done}/{total}"),
            plain_text(text, "dim"),
        )
        return line

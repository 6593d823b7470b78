"""What a person sees of a download: a bar, or a few plain lines without a terminal."""

from __future__ import annotations

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TaskID,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

from pipeline.terminal import print_line

_STEP_PERCENT = 25  # between two lines where there is no terminal


class DownloadView:
    """Shows lines of text and, while bytes arrive, a bar, until it is closed."""

    def __init__(self, console: Console) -> None:
        """Sets where to draw."""
        self._console = console
        self._bar: Progress | None = None
        self._task = TaskID(0)
        self._percent = 0

    def say(self, text: str) -> None:
        """Prints a line, below the bar if there is one."""
        self.close()
        self._percent = 0
        print_line(self._console, text)

    def received(self, done: int, total: int | None) -> None:
        """Shows how many bytes are there, of how many."""
        if not self._console.is_terminal:
            self._print_step(done, total)
            return
        if self._bar is None:
            self._bar = Progress(
                BarColumn(),
                DownloadColumn(),
                TransferSpeedColumn(),
                TimeRemainingColumn(),
                console=self._console,
            )
            self._task = self._bar.add_task("", total=total)
            self._bar.start()
        self._bar.update(self._task, completed=done, total=total)

    def _print_step(self, done: int, total: int | None) -> None:
        percent = 100 * done // total if total else 0
        if percent >= self._percent + _STEP_PERCENT:
            self._percent = percent - percent % _STEP_PERCENT
            print_line(self._console, f"  {self._percent} %")

    def close(self) -> None:
        """Ends the bar."""
        if self._bar is not None:
            self._bar.stop()
            self._bar = None

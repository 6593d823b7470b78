"""The signals that end a program: Ctrl-C, SIGTERM and SIGHUP, from its first line to its last.

Imported before anything else, and imports next to nothing: the imports of a command take up to
seconds, and a Ctrl-C in the middle of one is a traceback.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
Handler = Callable[[int, "FrameType | None"], Any]


class Interrupted(KeyboardInterrupt):
    """A signal that ends what is under way."""

    def __init__(self, number: int) -> None:
        """Sets the number of the signal."""
        super().__init__(number)
        self.number = number


def exit_code(number: int) -> int:
    """Returns the exit code that shells give a process that a signal ended."""
    return 128 + number


def _set(handler: Handler) -> None:
    """Handles the signals so, but for one that is ignored, as SIGHUP under nohup."""
    for number in ENDING:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, handler)


def end_at_once() -> None:
    """Lets a signal end the process at once with one line: nothing has been begun yet."""
    terminal = os.dup(2) if _is_open(2) else None

    def end(number: int, frame: FrameType | None) -> None:
        if terminal is not None:
            os.write(terminal, b"interrupted\n")
        os._exit(exit_code(number))

    _set(end)


def end_with(code: int) -> None:
    """Lets a signal end the process with an exit code that is known: all is done."""
    _set(lambda number, frame: os._exit(code))


def interrupt(number: int, frame: FrameType | None) -> None:
    """Handles a signal: what is under way is undone."""
    raise Interrupted(number)


def raise_interrupted() -> None:
    """Lets a signal raise Interrupted."""
    _set(interrupt)


def _is_open(descriptor: int) -> bool:
    try:
        os.fstat(descriptor)
    except OSError:
        return False
    return True


def run_program(main: Callable[[], int]) -> None:
    """Runs a program and exits; whenever a signal comes, it is answered with one line at most.

    Args:
        main: Parses the arguments and does what they say; its imports stand inside of it.
    """
    end_at_once()
    from pipeline.endings import guarded

    code = guarded(main)
    end_with(code)
    sys.exit(code)

"""The signals that end a program: Ctrl-C, SIGTERM and SIGHUP, from its first line to its last.

Imported before anything else, and imports next to nothing: the imports of a command take up to
seconds, and a Ctrl-C in the middle of one is a traceback.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from collections.abc import Callable, Iterable, Iterator
from types import FrameType
from typing import Any

ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
# What is known of the signals: the last one, whether a block undoes things, standard error.
_state: dict[str, int] = {"number": signal.SIGINT, "undo": 0, "terminal": -1}
_AGAIN_SECONDS = 0.05
Handler = Callable[[int, "FrameType | None"], object]


class Interrupted(KeyboardInterrupt):
    """A signal that ends what is under way."""

    def __init__(self, number: int) -> None:
        """Sets the number of the signal."""
        super().__init__(number)
        self.number = number


def exit_code(number: int) -> int:
    """Returns the exit code that shells give a process that a signal ended."""
    return 128 + number


def handle(handler: Handler, numbers: Iterable[int] = ENDING) -> dict[int, Any]:
    """Handles signals so, but for one that is ignored, as SIGHUP under nohup.

    Returns:
        The handlers before, by number.
    """
    heeded = [number for number in numbers if signal.getsignal(number) is not signal.SIG_IGN]
    return {number: signal.signal(number, handler) for number in heeded}


def end_at_once() -> None:
    """Lets a signal end the process at once with one line: nothing has been begun yet."""
    # A run sends standard error to its log.
    _state["terminal"] = os.dup(2) if _is_open(2) else -1
    handle(lambda number, frame: _end(number))


def _end(number: int) -> None:
    """Ends the process with one line."""
    with contextlib.suppress(OSError):
        os.write(_state["terminal"] if _state["terminal"] >= 0 else 2, b"interrupted\n")
    os._exit(exit_code(number))


def end_with(code: int) -> None:
    """Lets a signal end the process with an exit code that is known: all is done."""
    handle(lambda number, frame: os._exit(code))


def interrupt(number: int, frame: FrameType | None) -> None:
    """Handles a signal: what is under way is undone by the exception that this raises.

    Not within an import: modules in C swallow the exception, print it, and go on. There the process
    ends at once, or, where something is to be undone, the signal is looked at again after a moment.
    """
    if number != signal.SIGALRM:
        _state["number"] = number
    if not _imports(frame):
        raise Interrupted(_state["number"])
    if not _state["undo"]:
        _end(_state["number"])
    signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, _AGAIN_SECONDS)


def _imports(frame: FrameType | None) -> bool:
    """Tells whether an import is under way in a frame."""
    while frame is not None:
        if frame.f_code.co_filename.startswith("<frozen importlib"):
            return True
        frame = frame.f_back
    return False


@contextlib.contextmanager
def undoing() -> Iterator[None]:
    """Within the block, a signal always is an exception: the block undoes or records things."""
    before, _state["undo"] = _state["undo"], 1
    try:
        yield
    finally:
        _state["undo"] = before


def raise_interrupted() -> None:
    """Lets a signal raise Interrupted."""
    handle(interrupt)


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

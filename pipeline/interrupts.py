"""The signals that end a program: Ctrl-C, SIGTERM and SIGHUP, from its first line to its last.

Imported before anything else, and imports next to nothing: the imports of a command take up to
seconds, and a Ctrl-C in the middle of one is a traceback.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import signal
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from types import FrameType
from typing import Any

ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
# What is known of the signals: the last one, when one was raised, whether a block undoes things,
# and standard error; and of the end: the exit code, once it is known.
_NEVER = float("-inf")
_state: dict[str, Any] = {
    "number": signal.SIGINT,
    "raised": _NEVER,
    "undo": 0,
    "terminal": -1,
    "code": None,
}
_AGAIN_SECONDS = 0.05
# Signals that come together are one: the second would be raised where the first is answered.
_TOGETHER_SECONDS = 0.5
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
    _state["code"] = code
    heed(lambda number, frame: os._exit(code))


def _leave() -> None:
    """Ends a process with TensorFlow in it at once, and lets any other take itself down in peace.

    TensorFlow takes a second to take itself apart, and some of its objects complain while they do:
    they need modules that are gone. Python gives back the handlers of signals on its way, but what
    is ignored. Coverage writes its figures after this.
    """
    for number in ENDING:
        signal.signal(number, signal.SIG_IGN)
    for stream in filter(None, (sys.stdout, sys.stderr)):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    if _state["code"] is not None and "tensorflow" in sys.modules and "coverage" not in sys.modules:
        os._exit(_state["code"])


def interrupt(number: int, frame: FrameType | None) -> None:
    """Handles a signal: what is under way is undone by the exception that this raises.

    Not within an import: modules in C swallow the exception, print it, and go on. There the process
    ends at once, or, where something is to be undone, the signal is looked at again after a moment.
    So is one that comes together with another.
    """
    if number != signal.SIGALRM:
        _state["number"] = number
    imports = _imports(frame)
    if imports and not _state["undo"]:
        _end(_state["number"])
    now = time.monotonic()
    if imports or now - _state["raised"] < _TOGETHER_SECONDS:
        _look_again()
        return
    _state["raised"] = now
    raise Interrupted(_state["number"])


def _look_again() -> None:
    """Handles the last signal once more after a moment."""
    signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, _AGAIN_SECONDS)


def heed(handler: Handler) -> None:
    """Handles the signals so from now on, and lets the one that waits for its moment be."""
    handle(handler)
    # After that, for one of them may just have been put off.
    if signal.getsignal(signal.SIGALRM) is interrupt:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, lambda number, frame: None)


def _not_raised(unraisable: Any) -> None:
    """Hears of exceptions that Python drops, as in a destructor: a signal among them is not."""
    if isinstance(unraisable.exc_value, Interrupted):
        _look_again()
    else:
        sys.__unraisablehook__(unraisable)


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


def raise_interrupted(numbers: Iterable[int] = ENDING) -> dict[int, Any]:
    """Lets signals raise Interrupted; returns the handlers before, by number."""
    _state["raised"] = _NEVER
    return handle(interrupt, numbers)


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
    atexit.register(_leave)  # the first one is called last
    sys.unraisablehook = _not_raised
    try:
        from pipeline.endings import guarded

        code = guarded(main)
        end_with(code)
    except Interrupted as error:  # between the answer of the command and its exit
        _end(error.number)
    sys.exit(code)


def exit_with(main: Callable[[], int]) -> None:
    """Runs a program that leaves signals to Python, and exits; an exception is Python's to show."""
    atexit.register(_leave)
    _state["code"] = main()
    sys.exit(_state["code"])

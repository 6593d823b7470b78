"""The one rule by which an error of any command becomes a line and an exit code."""

from __future__ import annotations

import contextlib
import errno
import os
import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from components.errors import StatedError, UserError, shown
from pipeline.interrupts import ENDING, Interrupted, exit_code, raise_interrupted
from pipeline.terminal import AnswerScreen, prepare_streams, print_line

EXIT_OTHER = 1
_LONGEST = 2000  # characters of a line
_PROJECT = Path(__file__).parents[1]


@dataclass(frozen=True)
class Ending:
    """How a command ends: what is shown, in one printable line, and its exit code."""

    sentence: str
    exit_code: int


def ending(error: BaseException) -> Ending:
    """Returns how a command ends that raised an error, whatever error it is."""
    if isinstance(error, KeyboardInterrupt):
        number = error.number if isinstance(error, Interrupted) else ENDING[0]
        return Ending("interrupted", exit_code(number))
    sentence, code = _explain(error)
    return Ending(shown(sentence, _LONGEST, quote=False), code)


def _explain(error: BaseException) -> tuple[str, int]:
    if stated := stated_error(error):
        return text_of(stated) or type(stated).__name__, stated.exit_code
    if isinstance(error, OSError) and error.strerror:
        name = error.filename
        where = (
            f"{shown(os.fsdecode(name), quote=False)}: " if isinstance(name, str | bytes) else ""
        )
        if error.errno == errno.ENAMETOOLONG:
            problem = "longer than the names that the file system takes"
            return where + problem, UserError.exit_code
        return where + error.strerror, EXIT_OTHER
    if isinstance(error, OSError):
        return text_of(error) or type(error).__name__, EXIT_OTHER
    if isinstance(error, MemoryError):
        return "there is not enough memory", EXIT_OTHER
    lines = text_of(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0] if lines else 'no message'}", EXIT_OTHER


def stated_error(error: BaseException | None) -> StatedError | None:
    """Returns the first error in the chain of causes that is a sentence for people, if any.

    TFX and Beam put their own exceptions around those of a component.
    """
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        if isinstance(error, StatedError):
            return error
        seen.add(id(error))
        error = error.__cause__ or error.__context__
    return None


def text_of(error: BaseException) -> str:
    """Returns the text of an error, which need not have one."""
    try:
        return str(error)
    except BaseException:  # __str__ of a library may raise anything
        return "no message"


def answered(command: Callable[[], int]) -> int:
    """Carries out a command and returns its exit code; any error of it becomes one line.

    Raises:
        SystemExit: The parser of the arguments has answered.
    """
    try:
        return command()
    except SystemExit as error:
        if error.code is None or isinstance(error.code, int):
            raise
        return tell(error)
    except BaseException as error:
        return tell(error)


def tell(error: BaseException) -> int:
    """Shows an error in one line on standard error; returns the exit code."""
    how = ending(error)
    interrupted = isinstance(error, KeyboardInterrupt)
    line = how.sentence if interrupted else f"error: {how.sentence}{_place(error)}"
    try:
        print_line(AnswerScreen(stderr=True), line, "yellow" if interrupted else "red")
    except BaseException:  # no memory for a console, another Ctrl-C
        with contextlib.suppress(OSError):
            os.write(2, line.encode("ascii", "backslashreplace") + b"\n")
    return how.exit_code


def _place(error: BaseException) -> str:
    """Says where in our code an error arose that nobody foresaw; "" for others."""
    if isinstance(error, OSError | KeyboardInterrupt | MemoryError) or stated_error(error):
        return ""
    frames = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if Path(frame.filename).is_relative_to(_PROJECT) and ".venv" not in frame.filename
    ]
    if not frames:
        return ""
    place = Path(frames[-1].filename).relative_to(_PROJECT)
    return f" ({place}, line {frames[-1].lineno}: a fault of this program; please report it)"


def guarded(main: Callable[[], int]) -> int:
    """Runs a program; returns its exit code, whatever happens."""
    prepare_streams()
    raise_interrupted()
    try:
        return answered(main)
    except SystemExit as error:
        return error.code if isinstance(error.code, int) else 0
    finally:
        sys.stdout.flush()
        sys.stderr.flush()

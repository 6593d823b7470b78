"""One attempt: a command line in this process, and whether it kept what every command promises."""

from __future__ import annotations

import contextlib
import importlib
import io
import logging
import os
import re
import signal
import sys
import tempfile
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.hostile import place as places
from tests.hostile.place import Place

# Attempts by kind: how many, and how many were answered as promised.
COUNTS: Counter[str] = Counter()
KEPT: Counter[str] = Counter()
LONGEST_SECONDS = 300.0  # what has not ended then hangs, on however busy a machine
MOST_OUTPUT = 30_000
MOST_ANSWER = 4100
_ANSWER = re.compile(r"^(error: |failed: |the run could not be recorded: )", re.MULTILINE)
_ALLOWED_CONTROLS = "\n\t"
_TURNS = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u2028\u2029"


class Hung(BaseException):
    """An attempt that does not end."""


@dataclass(frozen=True)
class Outcome:
    """What came of an attempt."""

    code: int | None
    output: str
    faults: list[str] = field(default_factory=list)

    @property
    def answer(self) -> str:
        """The line that says what is wrong."""
        return next((line for line in self.output.splitlines() if _ANSWER.match(line)), "")


@contextlib.contextmanager
def _in_time() -> Iterator[None]:
    def hung(*_: Any) -> None:
        raise Hung

    before = signal.signal(signal.SIGALRM, hung)
    signal.setitimer(signal.ITIMER_REAL, LONGEST_SECONDS, 1)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@contextlib.contextmanager
def _captured() -> Iterator[Any]:
    """Sends both outputs, of native code too, to a file; yields what reads it."""
    sys.stdout.flush()
    sys.stderr.flush()
    with tempfile.TemporaryFile() as file:
        saved = [(number, os.dup(number)) for number in (1, 2)]
        streams = sys.stdout, sys.stderr
        for number, _ in saved:
            os.dup2(file.fileno(), number)
        sys.stdout, sys.stderr = (
            io.TextIOWrapper(os.fdopen(number, "wb", 0, closefd=False), "utf-8", "backslashreplace")
            for number, _ in saved
        )
        for stream in (sys.stdout, sys.stderr):
            stream.reconfigure(write_through=True)  # type: ignore[attr-defined]

        def read() -> str:
            sys.stdout.flush()
            sys.stderr.flush()
            size = os.lseek(file.fileno(), 0, os.SEEK_END)
            return os.pread(file.fileno(), min(size, 10 * MOST_OUTPUT), 0).decode(
                "utf-8", "replace"
            )

        try:
            yield read
        finally:
            sys.stdout, sys.stderr = streams
            for number, copy in saved:
                os.dup2(copy, number)
                os.close(copy)


@contextlib.contextmanager
def _without_logs() -> Iterator[None]:
    """Keeps pytest from capturing what is logged: it may hold halves of characters."""
    root = logging.getLogger()
    before, root.handlers = root.handlers, [logging.NullHandler()]
    try:
        yield
    finally:
        root.handlers = before


def carry_out(
    place: Place, program: str, line: Sequence[str]
) -> tuple[int | None, str, BaseException | None]:
    """Runs a command line; returns exit code, output, and the exception that came out of it."""
    module = importlib.import_module(program)
    code, raised = None, None
    os.chdir(place.work)
    tempfile.tempdir = str(place.folder / "tmp")
    with _captured() as read, _without_logs():
        try:
            with _in_time(), places.guarded(place.folder):
                code = module.main(list(line))
        except SystemExit as error:
            code = error.code if isinstance(error.code, int) else None
            raised = None if code is not None else error
        except BaseException as error:  # what must not happen
            raised = error
        output = read()
    return code, output, raised


def attempt(
    kind: str,
    place: Place,
    program: str,
    line: Sequence[str],
    *,
    codes: Sequence[int] = (0, 2),
    names: Sequence[str] = (),
    writes: bool = False,
    own: bool = False,
    prepare: Callable[[], object] | None = None,
) -> Outcome:
    """Runs a command line and looks whether the promise is kept; the place is restored after it.

    Args:
        kind: What the attempt is counted as.
        place: Where.
        program: Module with `main`.
        line: The command line.
        codes: Exit codes that are right.
        names: The answer to a refusal must hold one of these; none: whatever it says.
        writes: Whether the command makes files where the user says.
        own: Whether it does so when it fails, too.
        prepare: Makes the place hostile first.
    """
    if prepare:
        prepare()
        place.begin()
    code, output, raised = carry_out(place, program, line)
    faults = [*judge(code, output, raised, codes, names)]
    changes = place.changes()
    faults += [f"changed {name!a}" for name in place.violations(changes, code, writes, own)[:3]]
    if prepare or faults or changes:
        place.restore()
    count(kind, faults)
    return Outcome(code, output, faults)


def count(kind: str, faults: Sequence[str]) -> None:
    """Counts an attempt."""
    COUNTS[kind] += 1
    KEPT[kind] += not faults


def _steers(char: str) -> bool:
    """Tells whether a terminal obeys a character, or reads on in another direction or line."""
    return (unicodedata.category(char) == "Cc" and char not in _ALLOWED_CONTROLS) or char in _TURNS


def judge(
    code: int | None,
    output: str,
    raised: BaseException | None,
    codes: Sequence[int],
    names: Sequence[str] = (),
) -> Iterator[str]:
    """Yields what is wrong with the answer of a command."""
    if raised is not None:
        yield f"raised {type(raised).__name__}: {ascii(raised)[:300]}"
        return
    if code not in codes:
        yield f"exit code {code}"
    for text, what in NEVER.items():
        if text in output:
            yield what
    if raw := [c for c in output if _steers(c)]:
        yield f"raw control characters {raw[:3]!a}"
    if len(output) > MOST_OUTPUT:
        yield f"{len(output)} characters of output"
    if code:
        yield from _judge_answer(output, names)


NEVER = {
    "Traceback": "a traceback",
    "a fault of this program": "an error that nobody foresaw",
    " object at 0x": "the address of an object",
}


def _judge_answer(output: str, names: Sequence[str]) -> Iterator[str]:
    """Yields what is wrong with the line that says what is wrong."""
    answers = [line for line in output.splitlines() if _ANSWER.match(line)]
    if len(answers) != 1:
        yield f"{len(answers)} lines say what is wrong"
        return
    if names and not any(name in answers[0] for name in names):
        yield f"names none of {', '.join(names)[:100]}"
    if len(answers[0]) > MOST_ANSWER:
        yield f"an answer of {len(answers[0])} characters"


def check(outcomes: dict[str, Outcome]) -> None:
    """Fails with what was wrong with attempts, by their names."""
    lines = [
        f"{name[:100]!a}: {'; '.join(one.faults)} | {one.code} | {one.output[-400:]!a}"
        for name, one in outcomes.items()
        if one.faults
    ]
    if lines:
        pytest.fail(f"{len(lines)} of {len(outcomes)}\n" + "\n".join(lines), pytrace=False)


def shown_head(text: str) -> str:
    """Returns the beginning of a value as messages show it."""
    return ascii(text)[1:-1][:8]

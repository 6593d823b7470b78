"""How a long step reports its progress, without knowing who listens."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

Listener = Callable[[int, int, str], None]
NoteListener = Callable[[str], None]


def _ignore(*_: object) -> None:
    """Listens to nothing."""


_listener: Listener = _ignore
_note_listener: NoteListener = _ignore


@contextmanager
def listening(listener: Listener, noted: NoteListener | None = None) -> Iterator[None]:
    """Reports the progress and the notes of the block to listeners, instead of those before.

    Args:
        listener: Gets what `report` is called with.
        noted: Gets what `note` is called with; None to leave the listener that there is.
    """
    global _listener, _note_listener
    before = _listener, _note_listener
    _listener, _note_listener = listener, noted or _note_listener
    try:
        yield
    finally:
        _listener, _note_listener = before


def report(done: int, total: int, text: str = "") -> None:
    """Tells the listener that `done` of `total` units of the running step are finished."""
    _listener(done, total, text)


def note(text: str) -> None:
    """Tells the listener something that a person should be able to read after the step too."""
    _note_listener(text)


@contextmanager
def part(number: int, of: int, text: str) -> Iterator[None]:
    """Reports the progress of the block as that of one part of something larger.

    Args:
        number: Which part, from 1.
        of: Number of parts.
        text: Text of the larger thing; the part's own text follows it.
    """
    whole = _listener

    def pass_on(done: int, total: int, own: str) -> None:
        whole((number - 1) * total + done, of * total, f"{text}: {own}")

    with listening(pass_on):
        yield

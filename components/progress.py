"""A way for long steps to tell how far they are, without knowing who listens."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

Listener = Callable[[int, int, str], None]


def _ignore(done: int, total: int, text: str) -> None:
    """Listens to nothing."""


_listener: Listener = _ignore


def listen(listener: Listener | None) -> None:
    """Sets who is told of progress; None for nobody."""
    global _listener
    _listener = listener or _ignore


def report(done: int, total: int, text: str = "") -> None:
    """Tells the listener that `done` of `total` units of the running step are finished."""
    _listener(done, total, text)


@contextmanager
def part(number: int, of: int, text: str) -> Iterator[None]:
    """Makes what the block reports a part of something larger.

    Args:
        number: Which part, from 1.
        of: Number of parts.
        text: What the larger thing says; the part's own text follows it.
    """
    whole = _listener

    def pass_on(done: int, total: int, own: str) -> None:
        whole((number - 1) * total + done, of * total, f"{text}: {own}")

    listen(pass_on)
    try:
        yield
    finally:
        listen(whole)

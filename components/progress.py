"""How a long step reports its progress, without knowing who listens."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

Listener = Callable[[int, int, str], None]


def _ignore(done: int, total: int, text: str) -> None:
    """Listens to nothing."""


_listener: Listener = _ignore


@contextmanager
def listening(listener: Listener) -> Iterator[None]:
    """Reports the progress of the block to a listener, instead of the one before."""
    global _listener
    before, _listener = _listener, listener
    try:
        yield
    finally:
        _listener = before


def report(done: int, total: int, text: str = "") -> None:
    """Tells the listener that `done` of `total` units of the running step are finished."""
    _listener(done, total, text)


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

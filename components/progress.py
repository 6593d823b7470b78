"""A way for long steps to tell how far they are, without knowing who listens."""

from __future__ import annotations

from collections.abc import Callable

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

"""Ending a run from outside."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Iterator
from typing import Any


@contextlib.contextmanager
def terminable() -> Iterator[None]:
    """Makes SIGTERM (systemd, the scheduler, Kubernetes) end the block as Ctrl-C does.

    After the block nothing is left but to exit with the code that is recorded, so where SIGTERM
    had no handler it is ignored from then on.
    """

    def interrupt(*_: Any) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_IGN if before is signal.SIG_DFL else before)

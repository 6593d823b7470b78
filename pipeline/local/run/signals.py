"""How a signal ends a run."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Iterator
from typing import Any


@contextlib.contextmanager
def terminable() -> Iterator[None]:
    """Makes SIGTERM (systemd, the scheduler, Kubernetes) end the block as Ctrl-C does.

    After the block only the exit with the recorded code is left. Where SIGTERM had no handler, it
    is ignored from then on.
    """

    def interrupt(*_: Any) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_IGN if before is signal.SIG_DFL else before)

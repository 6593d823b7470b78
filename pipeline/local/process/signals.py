"""How a signal ends a run."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Iterator
from typing import Any

from pipeline.interrupts import heed, interrupt, raise_interrupted, undoing

# systemd, the scheduler and Kubernetes send the first, a terminal that closes the second.
_ENDS = (signal.SIGTERM, signal.SIGHUP)


def _ignore(*_: Any) -> None:
    """Does nothing. Unlike SIG_IGN, it is not inherited by programs that are started."""


def ignore_from_now_on() -> None:
    """Lets a run that has ended write its record in peace; inside the block of `terminable`."""
    heed(_ignore)


@contextlib.contextmanager
def terminable() -> Iterator[None]:
    """Makes SIGTERM and SIGHUP end the block as Ctrl-C does.

    After the block only the exit with the recorded code is left. Where a signal had no handler, it
    is ignored from then on. A SIGHUP that is ignored (nohup) stays ignored.
    """
    on_interrupt = signal.getsignal(signal.SIGINT)
    before = raise_interrupted(_ENDS)
    try:
        with undoing():
            yield
    finally:
        for number, handler in {signal.SIGINT: on_interrupt, **before}.items():
            ended = handler in (signal.SIG_DFL, interrupt)
            signal.signal(number, signal.SIG_IGN if ended else handler)

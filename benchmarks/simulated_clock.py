"""A clock that jumps: days of schedule in the time that their runs take."""

from __future__ import annotations

import datetime
import threading
from collections.abc import Callable

from pipeline.local.scheduling.clock import Clock


class SimulatedClock(Clock):
    """Time that stands still until it is waited for, and then is there at once.

    What happens on the way to a time, such as new data arriving, is told by `arrive`.
    """

    def __init__(
        self,
        start: datetime.datetime,
        arrive: Callable[[datetime.datetime], bool],
    ) -> None:
        """Sets the clock.

        Args:
            start: The time to begin with, with its zone.
            arrive: Called with each time that is waited for, before it has come; False ends it all.
        """
        self._now, self._arrive = start, arrive

    def now(self) -> datetime.datetime:
        """Returns the simulated time."""
        return self._now

    def wait_until(self, time: datetime.datetime, stop: threading.Event) -> bool:
        """Jumps to the time; returns whether it has come."""
        if stop.is_set() or not self._arrive(time):
            return False
        self._now = max(self._now, time)
        return True

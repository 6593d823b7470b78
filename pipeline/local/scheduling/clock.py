"""The clock of the scheduler; tests use another one."""

from __future__ import annotations

import datetime
import threading


class ClockSetBackError(Exception):
    """The clock shows an earlier time than before."""


class Clock:
    """The time of this machine, in its zone."""

    # A machine may sleep, or its clock be set: look again after so many seconds.
    _LONGEST_WAIT = 30.0
    # Corrections of less are not worth a word.
    _SET_BACK_SECONDS = 60.0

    def now(self) -> datetime.datetime:
        """Returns the time, with its zone."""
        return datetime.datetime.now().astimezone()

    def wait_until(self, time: datetime.datetime, stop: threading.Event) -> bool:
        """Waits; returns whether the time has come, False where `stop` was set before.

        Raises:
            ClockSetBackError: The clock was set back by more than a minute.
        """
        latest = self.now()
        while (left := (time - self.now()).total_seconds()) > 0:
            if stop.wait(min(left, self._LONGEST_WAIT)):
                return False
            if (latest - self.now()).total_seconds() > self._SET_BACK_SECONDS:
                raise ClockSetBackError
            latest = max(latest, self.now())
        return not stop.is_set()

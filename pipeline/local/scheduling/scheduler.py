"""Runs again and again at the times of a cron expression, one at a time, even after failures."""

from __future__ import annotations

import datetime
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

import croniter

from components.errors import ConfigError, shown
from pipeline.local.scheduling.clock import Clock, ClockSetBackError

_FORMAT = "%Y-%m-%d %H:%M"


def check_cron(text: str) -> str:
    """Returns the expression if it is one.

    Raises:
        ConfigError: If it is none, or its time never comes.
    """
    fields = text.split()
    if not (len(fields) == 5 or text.startswith("@")) or not croniter.croniter.is_valid(text):
        raise ConfigError(
            f"--schedule: {shown(text)} is no cron expression; accepted: the fields minute, hour, "
            "day, month and weekday, as in '0 3 * * *' for every day at 3, or @hourly, @daily, "
            "@weekly"
        )
    try:
        next_time(text, datetime.datetime.now(datetime.timezone.utc))
    except (croniter.CroniterError, OverflowError) as error:  # the 31st of February
        raise ConfigError(
            f"--schedule: {shown(text)} never comes; accepted: a day that its month has"
        ) from error
    return text


def next_time(cron: str, after: datetime.datetime) -> datetime.datetime:
    """Returns the first time of the expression after a time, on the wall clock of its zone."""
    wall = croniter.croniter(cron, after.replace(tzinfo=None)).get_next(datetime.datetime)
    if after.tzinfo is datetime.timezone.utc:
        return wall.replace(tzinfo=after.tzinfo)
    # Without a zone: summer time may begin or end in between.
    return wall.astimezone()


@dataclass
class Scheduler:
    """The loop of scheduled runs.

    Attributes:
        cron: When to run.
        clock: The clock.
        why_not: Returns why a run would be of no use now, or "".
        launch: Runs once, to the end or until `stop` is set; returns the exit code.
        say: Prints a line for a person.
        stop: Ends the loop when set.
    """

    cron: str
    clock: Clock
    why_not: Callable[[], str]
    launch: Callable[[], int]
    say: Callable[[str], None]
    stop: threading.Event = field(default_factory=threading.Event)

    def loop(self) -> None:
        """Runs at each time until `stop` is set; times that pass during a run are skipped."""
        due = next_time(self.cron, self.clock.now())
        while not self.stop.is_set():
            self.say(f"next run at {due.strftime(_FORMAT)}")
            try:
                come = self.clock.wait_until(due, self.stop)
            except ClockSetBackError:
                # The time may be years away now. One that comes twice has nothing new to do.
                self.say("the clock was set back")
                due = next_time(self.cron, self.clock.now())
                continue
            if not come:
                break
            self._once()
            now = max(self.clock.now(), due)
            missed, due = self._after(due, now)
            if missed:
                self.say(f"times that passed meanwhile and are left out: {missed}")
        self.say("stopped")

    def _after(
        self, due: datetime.datetime, now: datetime.datetime
    ) -> tuple[int, datetime.datetime]:
        """Returns how many times after `due` have passed, and the next one to come."""
        missed, following = 0, next_time(self.cron, due)
        while following <= now:
            missed, following = missed + 1, next_time(self.cron, following)
        return missed, following

    def _once(self) -> None:
        """Runs once, or says why not."""
        started = self.clock.now().strftime(_FORMAT)
        if reason := self.why_not():
            self.say(f"{started} skipped: {reason}")
            return
        self.say(f"{started} run starts")
        code = self.launch()
        self.say(f"{self.clock.now().strftime(_FORMAT)} run ended with exit code {code}")

"""The scheduler's loop, in a time of our own."""

from __future__ import annotations

import datetime
import threading
from collections.abc import Callable, Iterator

import pytest

from components.errors import ConfigError
from pipeline.local.scheduling.clock import Clock, ClockSetBackError
from pipeline.local.scheduling.scheduler import Scheduler, check_cron, next_time

UTC = datetime.timezone.utc


def _at(day: int, hour: int = 0, minute: int = 0) -> datetime.datetime:
    return datetime.datetime(2026, 3, day, hour, minute, tzinfo=UTC)


class Simulated:
    """A clock that stands still until it is waited for; it ends the schedule after some waits."""

    def __init__(self, waits: int) -> None:
        self.time, self.waits = _at(1), waits

    def now(self) -> datetime.datetime:
        return self.time

    def wait_until(self, time: datetime.datetime, stop: threading.Event) -> bool:
        self.waits -= 1
        if self.waits < 0:
            stop.set()
            return False
        self.time = max(self.time, time)
        return True


class Told:
    """What the scheduler did and said."""

    def __init__(self, cron: str, waits: int) -> None:
        self.clock = Simulated(waits)
        self.runs: list[datetime.datetime] = []
        self.lines: list[str] = []
        self.news: Iterator[str] | None = None
        self.launch: Callable[[], int] = lambda: 0
        self.scheduler = Scheduler(cron, self.clock, self._why_not, self._launch, self.lines.append)

    def _why_not(self) -> str:
        return next(self.news) if self.news else ""

    def _launch(self) -> int:
        self.runs.append(self.clock.time)
        return self.launch()


def test_loop_runs_at_each_time() -> None:
    told = Told("0 3 * * *", waits=3)
    told.scheduler.loop()
    assert told.runs == [_at(1, 3), _at(2, 3), _at(3, 3)]
    assert told.lines[0] == "next run at 2026-03-01 03:00"
    assert told.lines[-1] == "stopped"


def test_loop_skips_and_says_why() -> None:
    told = Told("0 3 * * *", waits=3)
    told.news = iter(["", "nothing new since yesterday", ""])
    told.scheduler.loop()
    assert told.runs == [_at(1, 3), _at(3, 3)]
    assert "2026-03-02 03:00 skipped: nothing new since yesterday" in told.lines


def test_loop_survives_failed_runs() -> None:
    told = Told("0 3 * * *", waits=3)
    codes = iter([1, -9, 0])
    told.launch = lambda: next(codes)
    told.scheduler.loop()
    assert len(told.runs) == 3
    assert "2026-03-02 03:00 run ended with exit code -9" in told.lines


def test_loop_leaves_out_times_that_pass_during_a_run() -> None:
    told = Told("0 * * * *", waits=2)

    def long_run() -> int:
        told.clock.time += datetime.timedelta(hours=2, minutes=30)
        return 0

    told.launch = long_run
    told.scheduler.loop()
    # The run of 1:00 ends at 3:30: those of 2:00 and 3:00 do not follow at once.
    assert told.runs == [_at(1, 1), _at(1, 4)]
    assert "times that passed meanwhile and are left out: 2" in told.lines


def test_loop_does_not_run_twice_when_the_clock_is_set_back() -> None:
    told = Told("0 3 * * *", waits=2)

    def run_and_set_back() -> int:
        told.clock.time -= datetime.timedelta(hours=2)
        return 0

    told.launch = run_and_set_back
    told.scheduler.loop()
    assert told.runs == [_at(1, 3), _at(2, 3)]


def test_loop_looks_again_when_the_clock_is_set_back_while_it_waits() -> None:
    told = Told("0 3 * * *", waits=1)
    told.clock.time = _at(9)
    wait = told.clock.wait_until

    def set_back(*_: object) -> bool:
        told.clock.time = _at(1)
        told.clock.wait_until = wait  # type: ignore[method-assign]
        raise ClockSetBackError

    told.clock.wait_until = set_back  # type: ignore[method-assign]
    told.scheduler.loop()
    # Not on the 9th, eight days later.
    assert told.runs == [_at(1, 3)]
    assert "the clock was set back" in told.lines


def test_loop_ends_after_the_run_in_which_it_is_told_to_stop() -> None:
    told = Told("0 3 * * *", waits=9)

    def stopped() -> int:
        told.scheduler.stop.set()
        return 1

    told.launch = stopped
    told.scheduler.loop()
    assert len(told.runs) == 1
    assert told.lines[-1] == "stopped"


@pytest.mark.parametrize("text", ["0 3 * * *", "*/5 8-18 * * mon-fri", "@daily"])
def test_check_cron_accepts(text: str) -> None:
    assert check_cron(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "daily",
        "0 3 * *",
        "61 3 * * *",
        "0 24 * * *",
        "0 3 32 * *",
        "0 3 * 13 *",
        "0 3 * * 8",
        "*/0 * * * *",
        "99999999999999999999 * * * *",
        "0 0 3 * * *",
        "@never",
        " ",
        "x" * 100_000,
    ],
)
def test_check_cron_refuses(text: str) -> None:
    with pytest.raises(ConfigError, match="as in '0 3 \\* \\* \\*'"):
        check_cron(text)


@pytest.mark.parametrize("text", ["0 3 31 2 *", "0 3 30 2 *", "0 0 31 4,6,9,11 *", "0 0 31 feb *"])
def test_check_cron_refuses_what_never_comes(text: str) -> None:
    with pytest.raises(ConfigError, match="never comes"):
        check_cron(text)


@pytest.mark.parametrize("text", ["0 3 29 2 *", "0 3 31 * *", "0 3 31 2,3 *"])
def test_check_cron_accepts_what_comes_seldom(text: str) -> None:
    assert check_cron(text) == text


def test_next_time_is_after_the_time_itself() -> None:
    assert next_time("0 3 * * *", _at(1, 3)) == _at(2, 3)
    # 2026-03-01 is a Sunday.
    assert next_time("30 7 * * mon", _at(1)) == _at(2, 7, 30)


def test_next_time_has_a_zone_on_the_wall_clock() -> None:
    actual = next_time("0 3 * * *", datetime.datetime.now().astimezone())
    assert (actual.hour, actual.minute) == (3, 0)
    assert actual.utcoffset() is not None


def test_system_clock_waits_and_can_be_stopped() -> None:
    clock, stop = Clock(), threading.Event()
    soon = clock.now() + datetime.timedelta(milliseconds=20)
    assert clock.wait_until(soon, stop)
    assert clock.now() >= soon
    threading.Timer(0.05, stop.set).start()
    assert not clock.wait_until(clock.now() + datetime.timedelta(hours=1), stop)


@pytest.mark.parametrize(("seconds", "told"), [(3600, True), (1, False)])
def test_system_clock_tells_that_it_was_set_back(
    monkeypatch: pytest.MonkeyPatch, seconds: int, told: bool
) -> None:
    clock, start = Clock(), datetime.datetime.now().astimezone()
    back = datetime.timedelta(seconds=seconds)
    # The time at first, twice; then set back; then what is waited for.
    times = iter([start, start, *[start - back] * 2, start + back])
    monkeypatch.setattr(Clock, "now", lambda _: next(times, start + 2 * back))
    monkeypatch.setattr(Clock, "_LONGEST_WAIT", 0.001)
    due = start + datetime.timedelta(milliseconds=500)
    if told:
        with pytest.raises(ClockSetBackError):
            clock.wait_until(due, threading.Event())
    else:
        assert clock.wait_until(due, threading.Event())

"""The clock that jumps."""

from __future__ import annotations

import datetime
import threading

from benchmarks.simulated_clock import SimulatedClock

START = datetime.datetime(2026, 3, 1, tzinfo=datetime.timezone.utc)


def _days(count: int) -> datetime.datetime:
    return START + datetime.timedelta(days=count)


def test_wait_until_jumps_after_what_arrives_on_the_way() -> None:
    seen: list[tuple[datetime.datetime, datetime.datetime]] = []
    clock = SimulatedClock(START, lambda time: seen.append((clock.now(), time)) or True)  # type: ignore[func-returns-value]
    assert clock.wait_until(_days(1), threading.Event())
    assert clock.now() == _days(1)
    assert seen == [(START, _days(1))]


def test_wait_until_does_not_go_back() -> None:
    clock = SimulatedClock(_days(2), lambda _: True)
    assert clock.wait_until(_days(1), threading.Event())
    assert clock.now() == _days(2)


def test_wait_until_ends_when_nothing_more_arrives_or_it_is_stopped() -> None:
    assert not SimulatedClock(START, lambda _: False).wait_until(_days(1), threading.Event())
    stop = threading.Event()
    stop.set()
    assert not SimulatedClock(START, lambda _: True).wait_until(_days(1), stop)

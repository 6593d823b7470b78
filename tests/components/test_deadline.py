from __future__ import annotations

import threading

import pytest

from components.deadline import within


def test_within_returns_the_result() -> None:
    assert within(60, lambda: None) is None
    assert within(60, lambda: 3) == 3


def test_within_raises_what_the_work_raises() -> None:
    with pytest.raises(ZeroDivisionError):
        within(60, lambda: 1 // 0)


def test_within_gives_up() -> None:
    release = threading.Event()
    # Without a limit it would return True, after a minute.
    with pytest.raises(TimeoutError):
        within(0.05, lambda: release.wait(60) or True)
    release.set()

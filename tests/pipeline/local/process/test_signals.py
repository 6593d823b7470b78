"""Signals that end a run."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

from pipeline.local.process.signals import ignore_from_now_on, terminable


@pytest.fixture(autouse=True)
def _restore() -> object:
    numbers = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)
    before = {number: signal.getsignal(number) for number in numbers}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def test_terminable_interrupts_the_block() -> None:
    with pytest.raises(KeyboardInterrupt), terminable():
        signal.raise_signal(signal.SIGTERM)


def test_terminable_lets_the_exit_code_stand_after_the_block() -> None:
    code = """
import signal, sys
from pipeline.local.process.signals import terminable
with terminable():
    pass
signal.raise_signal(signal.SIGTERM)
sys.exit(3)
"""
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 3


def test_terminable_gives_back_a_handler() -> None:
    calls: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _: calls.append(number))
    with terminable():
        pass
    signal.raise_signal(signal.SIGTERM)
    assert calls == [signal.SIGTERM]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_ignore_from_now_on_lets_the_end_of_the_block_be(number: signal.Signals) -> None:
    before = signal.getsignal(signal.SIGINT)
    with terminable():
        ignore_from_now_on()
        signal.raise_signal(number)
    assert signal.getsignal(signal.SIGINT) is before


def test_ignore_from_now_on_leaves_programs_that_are_started_alone() -> None:
    code = "import signal; print(signal.getsignal(signal.SIGTERM) is signal.SIG_DFL)"
    with terminable():
        ignore_from_now_on()
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert done.stdout == b"True\n"


def test_a_signal_that_is_ignored_stays_ignored() -> None:
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    with terminable():
        ignore_from_now_on()
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN

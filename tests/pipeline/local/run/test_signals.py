"""Signals that end a run."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

from pipeline.local.run.signals import terminable


@pytest.fixture(autouse=True)
def _restore() -> object:
    before = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, before)


def test_terminable_interrupts_the_block() -> None:
    with pytest.raises(KeyboardInterrupt), terminable():
        signal.raise_signal(signal.SIGTERM)


def test_terminable_lets_the_exit_code_stand_after_the_block() -> None:
    code = """
import signal, sys
from pipeline.local.run.signals import terminable
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

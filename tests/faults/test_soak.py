"""Kills at random moments, one after another in the same output root, with a look after each.

`SOAK_KILLS=200 SOAK_SEED=1 make faults ARGS="-k soak"` kills 200 times; the seed is printed. The
same seed gives the same commands, signals and changes at which they come.
"""

from __future__ import annotations

import os
import random
import time

import pytest

from tests.faults.kills import SCHEDULE_SECONDS, SHARES, Soak
from tests.faults.world import World

pytestmark = [pytest.mark.faults, pytest.mark.slow]

KILLS = int(os.environ.get("SOAK_KILLS", "30"))
SEED = int(os.environ.get("SOAK_SEED", str(random.SystemRandom().randrange(10**6))))


def _rehearse(soak: Soak) -> None:
    """Carries out each command once, unkilled, to know its length."""
    world = soak.world

    def measure(name: str, line: list[str] | None) -> None:
        assert line is not None
        start = time.monotonic()
        ended = world.execute(line)
        soak.seconds[name] = time.monotonic() - start
        soak.changes[name] = ended.changes
        assert ended.code == 0, ended.screen
        soak.say(f"{name}: {ended.changes['']} changes, {soak.seconds[name]:.1f} s")

    soak.seconds["run"], soak.changes["run"] = world.rehearsed
    world.restore()
    measure("push", world.run_line(world.seed))
    measure("rollback", world.rollback_line(soak.random))
    measure("clean", world.clean_line())
    soak.seconds["schedule"] = SCHEDULE_SECONDS
    world.restore()


def test_soak(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    def say(text: str) -> None:
        with capsys.disabled():
            print(text, flush=True)

    say(f"\nsoak: {KILLS} kills of {', '.join(SHARES)}, SOAK_SEED={SEED}")
    soak = Soak(world, random.Random(SEED), say)
    _rehearse(soak)
    soak.run(KILLS)
    say(soak.table())
    assert soak.failures == []

"""Kills at random moments, one after another in the same output root, with a look after each.

`SOAK_KILLS=200 SOAK_SEED=1 make faults ARGS="-k soak"` kills 200 times; the seed is printed. The
same seed gives the same commands, signals and changes at which they come.
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Iterator

import pytest

from pipeline.sample_data import generate
from tests.e2e.warm_start import WarmProcess
from tests.faults.soak.kills import SCHEDULE_SECONDS, SHARES, Soak
from tests.faults.soak.world import Moment, World

pytestmark = [pytest.mark.faults, pytest.mark.slow]

KILLS = int(os.environ.get("SOAK_KILLS", "30"))
SEED = int(os.environ.get("SOAK_SEED", str(random.SystemRandom().randrange(10**6))))
# What a command finds out or loads when it is first called: once, not in each fork.
PREPARE = """
import tensorflow, matplotlib.pyplot
import local_runner
import pipeline.local.run.session, pipeline.local.scheduling.schedule
import pipeline.local.workspace.metadata
from pipeline.local.run.plan import code_stamps
code_stamps()
"""


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Two versions, and a run of a third seed that lacks the push only."""
    folder = tmp_path_factory.mktemp("soak")
    spec = generate.SampleSpec(users=12, movies=50, ratings=240, seed=7)
    data = generate.write_spec(folder / "data", spec)
    warm = WarmProcess("pipeline.local.run.execution", PREPARE)
    yield World(folder, data, warm)
    warm.close()


def _rehearse(soak: Soak) -> None:
    """Carries out each command once, unkilled, to know its length; keeps the state to start from.

    The state has two versions and a run of a third model that ended just before its push.
    """
    world = soak.world

    def measure(name: str, line: list[str] | None) -> None:
        assert line is not None
        start = time.monotonic()
        ended = world.execute(line)
        soak.seconds[name] = time.monotonic() - start
        soak.changes[name] = ended.changes
        assert ended.code == 0, ended.screen
        soak.say(f"{name}: {ended.changes['']} changes, {soak.seconds[name]:.1f} s")

    assert world.execute(world.run_line(world.seed)).code == 0
    measure("run", world.run_line(world.new_seed()))
    # A push begins with the first change where versions are.
    before_push = Moment(change=1, area="serving_model")
    killed = world.execute(world.run_line(world.new_seed()), before_push)
    assert killed.code == -9, killed.screen
    world.save()
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

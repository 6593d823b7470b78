"""The data of the end-to-end tests, and an output root to start from again and again."""

from __future__ import annotations

import signal
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.sample_data import generate
from tests.e2e.conftest import ratings
from tests.e2e.warm_start import WarmProcess
from tests.faults.world import Moment, World

__all__ = ["ratings"]

# What a command loads or finds out when it is first needed: once, not in each fork.
PREPARE = """
import tensorflow, matplotlib.pyplot
import local_runner
import pipeline.local.commands.batch_inference
import pipeline.local.run.session, pipeline.local.scheduling.schedule
import pipeline.local.workspace.metadata
from pipeline.local.run.plan import code_stamps
code_stamps()
"""
# A push begins with the first change where versions are.
BEFORE_PUSH = Moment(change=1, area="serving_model")


@pytest.fixture(scope="session")
def prepared_world() -> Iterator[World]:
    """Two versions, and a run of a third model that was killed just before its push."""
    # Not below pytest's folder, which nobody else may enter: some tests become another user.
    with tempfile.TemporaryDirectory(prefix="faults-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        world = _prepare(folder)
        yield world
        world.warm.close()


def _prepare(folder: Path) -> World:
    spec = generate.SampleSpec(users=12, movies=50, ratings=240, seed=7)
    data = generate.write_spec(folder / "data", spec)
    world = World(folder, data, WarmProcess("pipeline.local.run.execution", PREPARE))
    first = world.execute(world.run_line(world.seed))
    assert first.code == 0, first.screen
    start = time.monotonic()
    second = world.execute(world.run_line(world.new_seed()))
    assert second.code == 0, second.screen
    world.rehearsed = time.monotonic() - start, second.changes
    killed = world.execute(world.run_line(world.new_seed()), BEFORE_PUSH)
    assert killed.code == -signal.SIGKILL, killed.screen
    world.save()
    return world


@pytest.fixture
def world(prepared_world: World) -> World:
    """`prepared_world` as it was at first."""
    prepared_world.restore()
    return prepared_world

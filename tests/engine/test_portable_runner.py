"""The whole pipeline on a portable engine: job server, and two pools of workers in each job."""

from __future__ import annotations

import contextlib
import subprocess
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from pipeline.sample_data import generate
from tests.e2e.conftest import command, environment, read_record
from tests.engine.pools import is_separate, worker_pool
from tests.engine.prism import job_server
from tests.engine.split_job import splitting_service

pytestmark = [pytest.mark.engine, pytest.mark.e2e]

# What a run finds out and decides, in last_run.json; times and paths are not among it.
FIGURES = ("status", "metrics", "data", "gate", "drift", "training")
RUN_SECONDS = 900


@dataclass(frozen=True)
class Engine:
    """An engine that runs.

    Attributes:
        settings: Of the section `beam`.
        logs: The log of each pool.
    """

    settings: tuple[str, ...]
    logs: tuple[Path, ...]

    def workers(self) -> list[int]:
        """Returns how many workers each pool has started."""
        return [log.read_text().count("Starting worker with command") for log in self.logs]


@pytest.fixture
def engine(tmp_path: Path, data: Path, output: Path) -> Iterator[Engine]:
    """Prism, and two pools that share only the data and the output root with the run."""
    if not is_separate():
        warnings.warn("not root: the pools run as the same user", stacklevel=1)
    pools = [tmp_path / name for name in ("pool-a", "pool-b")]
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(job_server(tmp_path / "prism"))
        first, second = (
            stack.enter_context(worker_pool(folder, [data, output], number))
            for number, folder in enumerate(pools)
        )
        front = stack.enter_context(splitting_service(server, second))
        settings = (
            "beam.runner=portable",
            f"beam.job_endpoint={front}",
            "beam.environment=external",
            f"beam.environment_config={first}",
        )
        yield Engine(settings, tuple(folder / "pool.log" for folder in pools))


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """The sample, smaller."""
    spec = generate.SampleSpec(users=300, movies=400, ratings=20_000, seed=7)
    return generate.write_spec(tmp_path / "data", spec)


@pytest.fixture
def output(tmp_path: Path) -> Path:
    """The folder of the output roots."""
    folder = tmp_path / "runs"
    folder.mkdir()
    return folder


def run(root: Path, data: Path, settings: tuple[str, ...] = ()) -> dict[str, Any]:
    """Runs the pipeline and returns its last_run.json."""
    options = [part for setting in settings for part in ("--set", setting)]
    done = subprocess.run(
        command(root, "--data-root", str(data), *options),
        capture_output=True,
        text=True,
        env=environment(),
        timeout=RUN_SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return read_record(root)


def test_run_on_two_pools_of_workers_has_the_figures_of_a_run_in_process(
    engine: Engine, data: Path, output: Path
) -> None:
    on_engine = run(output / "engine", data, engine.settings)
    in_process = run(output / "in-process", data)
    assert in_process["metrics"]
    for record in (on_engine, in_process):
        assert record["training"].pop("seconds")
    for name in FIGURES:
        assert on_engine[name] == in_process[name], name
    first, second = engine.workers()
    assert first == second
    # ExampleGen, StatisticsGen, Transform and Evaluator have a job each, or more.
    assert first >= 4

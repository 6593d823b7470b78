"""Whole runs of `local_runner.py`, as a person starts them: process, screen, exit code."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from pipeline.sample_data import generate
from tests.e2e.warm_start import WarmProcess

PROJECT = Path(__file__).parents[2]
# Small and quick, and enough for the gate: the planted tastes are easy to find.
FAST = (
    "trainer.embedding_dim=32",
    "trainer.batch_size=16",
    "trainer.epochs=12",
    "evaluator.bootstrap_samples=20",
)


@dataclass(frozen=True)
class Done:
    """A finished run.

    Attributes:
        code: Exit code.
        screen: What it printed.
        record: Its last_run.json, {} if there is none.
        root: Its output root.
    """

    code: int
    screen: str
    record: dict[str, Any]
    root: Path

    def cached(self) -> dict[str, bool]:
        """Returns which components came from the cache."""
        return {node["id"]: node["cached"] for node in self.record["components"]}

    def versions(self, name: str = "movielens") -> list[str]:
        """Returns the names of what is in the served folder."""
        folder = self.root / "serving_model" / name
        return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


Runner = Callable[..., Done]


def command(root: Path, *options: str, settings: tuple[str, ...] = FAST) -> list[str]:
    """Builds the command line of a run."""
    line = [sys.executable, str(PROJECT / "local_runner.py"), "--output-root", str(root)]
    for setting in settings:
        line += ["--set", setting]
    return [*line, *options]


def environment() -> dict[str, str]:
    """Returns the environment of a run: narrow terminals would wrap what tests look for."""
    return {**os.environ, "COLUMNS": "200"}


def run(root: Path, *options: str, settings: tuple[str, ...] = FAST) -> Done:
    """Runs to the end in a process started from nothing, as a person does."""
    done = subprocess.run(
        command(root, *options, settings=settings),
        capture_output=True,
        text=True,
        env=environment(),
        check=False,
    )
    return Done(done.returncode, done.stdout + done.stderr, read_record(root), root)


@pytest.fixture(scope="session")
def warm_process() -> Iterator[WarmProcess]:
    """A process that has imported what a run imports."""
    warm = WarmProcess("pipeline.local.run.execution")
    yield warm
    warm.close()


@pytest.fixture(scope="session")
def run_warm(warm_process: WarmProcess) -> Runner:
    """`run`, in a process of its own for which TFX is imported already."""

    def run(root: Path, *options: str, settings: tuple[str, ...] = FAST) -> Done:
        _, *line = command(root, *options, settings=settings)
        code, screen = warm_process.run(*line, env=environment())
        return Done(code, screen, read_record(root), root)

    return run


def read_record(root: Path) -> dict[str, Any]:
    """Returns last_run.json, {} if there is none."""
    record = root / "last_run.json"
    return json.loads(record.read_text()) if record.exists() else {}


@pytest.fixture(scope="session")
def ratings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small data set with planted tastes."""
    return generate.write_spec(
        tmp_path_factory.mktemp("ratings") / "data",
        generate.SampleSpec(users=300, movies=400, ratings=20_000, seed=7),
    )

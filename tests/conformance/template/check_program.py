"""Runs the Go program of `check/`: Kubeflow's API server's answers to compiled pipelines."""

from __future__ import annotations

import functools
import json
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.conformance.build import build
from tests.conformance.source import Version
from tests.conformance.variants import write_all

OURS = Path(__file__).parent / "check"
PACKAGE = "backend/src/conformance"
CRON = "0 0 3 * * *"
RECURRING = {"epochs": "20", "preset": "notebook-32"}
ROOT = "s3://other/root"
# Run parameters are the same in every variant but for their defaults: they are tried with a few.
PARAMETERS_OF = ("default", "tuner-and-warm-start", "zero-thresholds")
ACCEPTED: tuple[dict[str, Any], ...] = (
    {"epochs": "20"},
    {"preset": "notebook-32"},
    {"min_top_100_accuracy": 0},
    {"max_drop": 0.02},
    {"settings": "trainer.learning_rate=0.02; split.salt={{b}}"},
    {"data_root": "/mnt/recommender/[[CurrentTime]]"},
    {"span_window": "all", "span_pattern": "day-{SPAN}"},
)
REFUSED: tuple[dict[str, Any], ...] = (
    {"epochs": 20},
    {"epochs": True},
    {"preset": 5},
    {"min_top_100_accuracy": "0.3"},
    {"max_drop": None},
    {"settings": ["a", "b"]},
    {"nope": 1},
)


@dataclass(frozen=True)
class Answer:
    """What a version of Kubeflow says of one package; a refusal is a text, empty if accepted.

    Attributes:
        upload: Refusal of the upload.
        name: Name of the pipeline as the API server reads it.
        runs: Refusals of runs by the JSON of their parameters.
        root: Refusal of a run with another pipeline root.
        workflow: Argo's workflow of a run with all defaults.
        platform: What the driver refuses of the second document.
        recurring: Refusal of a recurring run.
        scheduled: Resource of the recurring run.
    """

    upload: str
    name: str
    runs: dict[str, str]
    root: str
    workflow: dict[str, Any]
    platform: list[str]
    recurring: str
    scheduled: dict[str, Any]


@functools.cache
def answers(version: Version) -> dict[str, Answer]:
    """Returns the answers of a version, by variant.

    Raises:
        BuildError: The program cannot be built of its sources.
    """
    program = build(version, PACKAGE, OURS)
    with tempfile.TemporaryDirectory() as folder:
        files = write_all(Path(folder))
        few = {name: files[name] for name in PARAMETERS_OF}
        return {**_ask(program, files, ()), **_ask(program, few, (*ACCEPTED, *REFUSED))}


def _ask(
    program: Path, files: Mapping[str, Path], tried: Sequence[dict[str, Any]]
) -> dict[str, Answer]:
    """Runs the program on some packages, with run parameters that are tried with each of them."""
    # The first run is the one whose workflow is answered.
    parameters = [json.dumps(values) for values in ({}, *tried)]
    request = {
        "packages": [str(file) for file in files.values()],
        "runs": [
            *({"parameters": text} for text in parameters),
            {"parameters": "{}", "root": ROOT},
        ],
        "recurring": {"parameters": json.dumps(RECURRING)},
        "cron": CRON,
    }
    done = subprocess.run(
        [str(program)],
        input=json.dumps(request),
        capture_output=True,
        text=True,
        timeout=1800,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{program}: {done.stderr[-2000:]}")
    read = json.loads(done.stdout)
    return {name: _answer(raw, parameters) for name, raw in zip(files, read, strict=True)}


def _answer(raw: dict[str, Any], parameters: list[str]) -> Answer:
    refusals = raw["runs"] or ["not tried"] * (len(parameters) + 1)
    return Answer(
        upload=raw["upload"],
        name=raw["name"],
        runs=dict(zip(parameters, refusals, strict=False)),
        root=refusals[-1],
        workflow=raw["workflow"] or {},
        platform=raw["platform"] or [],
        recurring=raw["recurring"],
        scheduled=raw["scheduled"] or {},
    )

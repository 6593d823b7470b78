"""One cold run of the whole pipeline in a process of its own, and what it says of itself."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.processes import ChildError

PUSHED, REFUSED = 0, 3
PIPELINE = "movielens"
_PROJECT = Path(__file__).resolve().parents[2]
_TAIL_LINES = 15


@dataclass(frozen=True)
class Ended:
    """How a process ended.

    Attributes:
        code: Exit code; minus the signal's number where a signal ended it.
        seconds: Wall-clock time.
        peak_bytes: The most memory of the process, or of one that it started if that had more.
        processor_seconds: Of the process and those that it started and waited for.
    """

    code: int
    seconds: float
    peak_bytes: int
    processor_seconds: float = 0.0


def run_process(command: Sequence[str], log: Path, folder: Path | None = None) -> Ended:
    """Runs a process to its end.

    Args:
        command: Program and arguments.
        log: File for its output and messages.
        folder: Where it works; default: here.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    start = time.perf_counter()
    with log.open("wb") as file:
        child = subprocess.Popen(command, stdout=file, stderr=subprocess.STDOUT, cwd=folder)
        try:
            _, status, usage = os.wait4(child.pid, 0)
        except BaseException:
            child.terminate()
            child.wait()
            raise
    code = child.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.perf_counter() - start
    return Ended(code, seconds, usage.ru_maxrss * 1024, usage.ru_utime + usage.ru_stime)


def run_pipeline(
    data: Path | None,
    output: Path,
    assignments: Sequence[str] = (),
    python: str = sys.executable,
    project: Path = _PROJECT,
) -> dict[str, Any]:
    """Runs the pipeline cold, with the default preset.

    Args:
        data: Folder of the ratings; None for the sample that the runner generates.
        output: Output root; what is there is removed.
        assignments: `section.key=value` texts laid over the preset.
        python: The interpreter.
        project: Folder of local_runner.py.

    Returns:
        What `summarise` returns.

    Raises:
        ChildError: The run failed; a model that the gate refuses is no failure.
    """
    shutil.rmtree(output, ignore_errors=True)
    log = output.with_name("run.log")
    settings = [part for text in assignments for part in ("--set", text)]
    source = ["--data-root", str(data)] if data else []
    roots = [*source, "--output-root", str(output)]
    command = [python, str(project / "local_runner.py"), *roots]
    ended = run_process([*command, "--pipeline-name", PIPELINE, *settings], log, project)
    if ended.code not in (PUSHED, REFUSED):
        raise ChildError(_failure(f"local_runner.py ended with {ended.code}:", log))
    record = json.loads((output / "last_run.json").read_text(encoding="utf-8"))
    return summarise(record, ended)


def artifact(output: Path, component: str, key: str) -> Path:
    """Returns the folder of the only artifact of a component's output in an output root."""
    (folder,) = (output / "artifacts" / PIPELINE / component / key).iterdir()
    return folder


def trained_model(output: Path) -> Path:
    """Returns the folder of the model that the only run of an output root trained."""
    return artifact(output, "Trainer", "model") / "Format-Serving"


def generate(folder: Path, users: int, movies: int, ratings: int) -> None:
    """Writes generated data, in a process of its own so that its memory is not ours.

    Raises:
        ChildError: It failed.
    """
    numbers = ["--users", str(users), "--movies", str(movies), "--ratings", str(ratings)]
    log = folder.with_name("generate.log")
    command = [sys.executable, "-m", "pipeline.sample_data", str(folder), *numbers]
    if code := run_process(command, log).code:
        raise ChildError(_failure(f"pipeline.sample_data ended with {code}:", log))


def summarise(record: dict[str, Any], ended: Ended) -> dict[str, Any]:
    """Returns what the tables need of a run.

    Args:
        record: Content of last_run.json.
        ended: How its process ended.

    Returns:
        `status`, `reason`, `seconds` and `processor_seconds` (of the process), `peak_bytes`,
        `components` (seconds by id, in their order), `training` and `metrics` as recorded.
    """
    return {
        "status": record["status"],
        "reason": record["reason"],
        "seconds": ended.seconds,
        "processor_seconds": ended.processor_seconds,
        "peak_bytes": ended.peak_bytes,
        "components": {node["id"]: node["seconds"] for node in record["components"]},
        "training": record.get("training", {}),  # which early commits do not record
        "metrics": record["metrics"],
    }


def _failure(first: str, log: Path) -> str:
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    return "\n".join([first, *lines[-_TAIL_LINES:]])

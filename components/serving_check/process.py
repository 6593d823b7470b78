"""Runs the probe in a fresh process; that it crashes or never answers is an answer too."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from components.serving_check import result

PROBE = Path(__file__).with_name("probe.py")


class ProbeProcess:
    """A process of the probe, which loads a model and then waits for its one request.

    The interpreter is isolated (-I): neither the working folder nor PYTHONPATH nor a user's own
    packages are on its path, so that the model has to do without anything of ours.

    Attributes:
        model: Absolute path of the model.
    """

    def __init__(self, model: str) -> None:
        """Starts the process; it ends when this process does."""
        self.model = os.path.abspath(model)
        self._folder = tempfile.TemporaryDirectory(prefix="serving-check-")
        self._process = subprocess.Popen(
            [sys.executable, "-I", str(PROBE), self.model],
            cwd=self._folder.name,
            env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "2"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    @property
    def waits(self) -> bool:
        """Whether the process is alive."""
        return self._process.poll() is None

    def ask(self, request: dict[str, Any], timeout: float) -> result.ServingCheckResult:
        """Sends the request, as `run_probe` describes it, and ends the process."""
        start = time.monotonic()
        answer = Path(self._folder.name, "answer.json")
        wanted = {"request": request, "answer": str(answer)}
        try:
            _, errors = self._process.communicate(json.dumps(wanted).encode() + b"\n", timeout)
            seconds = time.monotonic() - start
            if code := self._process.returncode:
                return result.failure("process", describe_end(code, errors), seconds)
            return result.from_probe(json.loads(answer.read_text(encoding="utf-8")), seconds)
        except subprocess.TimeoutExpired:
            seconds = time.monotonic() - start
            return result.failure("process", f"no answer within {timeout:g} s", seconds)
        finally:
            self.close()

    def close(self) -> None:
        """Kills the process where it has not ended, and removes its folder."""
        self._process.kill()
        self._process.communicate()
        self._folder.cleanup()


_AHEAD: list[ProbeProcess] = []


def start_ahead(model: str) -> None:
    """Starts the process of the next check, so that its imports and its load need no waiting.

    Args:
        model: Folder of the SavedModel that will be checked.
    """
    _AHEAD.append(ProbeProcess(model))


def stop_ahead() -> None:
    """Ends processes that no check has used."""
    while _AHEAD:
        _AHEAD.pop().close()


def run_probe(model: str, request: dict[str, Any], timeout: float) -> result.ServingCheckResult:
    """Probes an exported model in a process that has seen no other.

    Args:
        model: folder of the SavedModel.
        request: what `make_request` returns.
        timeout: seconds from the request after which the process is killed and the model has
            failed.
    """
    return (_take_ahead(model) or ProbeProcess(model)).ask(request, timeout)


def _take_ahead(model: str) -> ProbeProcess | None:
    """Returns the process that was started ahead for this very model, if it is alive.

    One of another model, or one that has died, is ended: a fresh process has to answer.
    """
    ahead = _AHEAD.pop() if _AHEAD else None
    if ahead is None or (ahead.waits and ahead.model == os.path.abspath(model)):
        return ahead
    ahead.close()
    return None


def describe_end(returncode: int, stderr: bytes) -> str:
    """Returns how a process ended, with the last line that it wrote to stderr."""
    if returncode < 0:
        how = f"killed by {signal.Signals(-returncode).name}"
    else:
        how = f"ended with exit code {returncode}"
    lines = [line.strip() for line in stderr.decode("utf-8", "replace").splitlines()]
    lines = [line for line in lines if line]
    return f"{how}; its last output: {lines[-1]}" if lines else how

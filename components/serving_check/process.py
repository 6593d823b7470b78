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


def run_probe(
    model: str, request: dict[str, Any], timeout: float, probe: Path = PROBE
) -> result.ServingCheckResult:
    """Probes an exported model.

    The interpreter is isolated (-I): neither the working folder nor PYTHONPATH nor a user's own
    packages are on its path, so that the model has to do without anything of ours.

    Args:
        model: folder of the SavedModel.
        request: what `make_request` returns.
        timeout: seconds after which the process is killed and the model has failed.
        probe: the script.
    """
    start = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="serving-check-") as folder:
        request_file, answer_file = Path(folder, "request.json"), Path(folder, "answer.json")
        request_file.write_text(json.dumps(request), encoding="utf-8")
        command = [sys.executable, "-I", str(probe)]
        command += [os.path.abspath(model), str(request_file), str(answer_file)]
        try:
            ended = subprocess.run(
                command,
                cwd=folder,
                env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "2"},
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=timeout,
                check=False,
            )
        except subprocess.TimeoutExpired:
            seconds = time.monotonic() - start
            return result.failure("process", f"no answer within {timeout:g} s", seconds)
        seconds = time.monotonic() - start
        if ended.returncode != 0:
            return result.failure("process", describe_end(ended.returncode, ended.stderr), seconds)
        return result.from_probe(json.loads(answer_file.read_text(encoding="utf-8")), seconds)


def describe_end(returncode: int, stderr: bytes) -> str:
    """Returns how a process ended, with the last line that it wrote to stderr."""
    if returncode < 0:
        how = f"killed by {signal.Signals(-returncode).name}"
    else:
        how = f"ended with exit code {returncode}"
    lines = [line.strip() for line in stderr.decode("utf-8", "replace").splitlines()]
    lines = [line for line in lines if line]
    return f"{how}; its last output: {lines[-1]}" if lines else how

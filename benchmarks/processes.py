"""Runs a module of the benchmarks in a fresh process that prints JSON."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

_TAIL_LINES = 15


class ChildError(Exception):
    """A process that failed."""


def run_json(module: str, *arguments: str, log: Path, python: str = sys.executable) -> Any:
    """Runs `python -m benchmarks.<module>` and returns what its last line of output says.

    Args:
        module: Name of the module.
        arguments: Its options.
        log: File that its messages are added to.
        python: The interpreter.

    Raises:
        ChildError: It failed.
    """
    output = run(module, *arguments, log=log, python=python)
    return json.loads(output.strip().splitlines()[-1])


def run(module: str, *arguments: str, log: Path, python: str = sys.executable) -> str:
    """Runs `python -m benchmarks.<module>`; returns its output.

    Raises:
        ChildError: It failed; the message ends with the last lines of its log.
    """
    environment = {"TF_CPP_MIN_LOG_LEVEL": "2", **os.environ, "TF_USE_LEGACY_KERAS": "1"}
    command = [python, "-m", f"benchmarks.{module}", *arguments]
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as messages:
        done = subprocess.run(
            command, stdout=subprocess.PIPE, stderr=messages, env=environment, check=False
        )
    if done.returncode:
        tail = log.read_text(encoding="utf-8", errors="replace").splitlines()[-_TAIL_LINES:]
        words = " ".join(command[1:])
        raise ChildError("\n".join([f"{words} ended with {done.returncode}:", *tail]))
    return done.stdout.decode("utf-8")

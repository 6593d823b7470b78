"""Asks an exported model in a process where neither this project nor its tests can be imported."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from tests.components.trainer import query_model

Requests = dict[str, tuple[str, dict[str, list]]]


def ask_alone(path: str, requests: Requests) -> tuple[list[str], dict[str, dict[str, list]]]:
    """Returns what else than TensorFlow was imported, and the answers by the name of the request.

    A request is a signature and its inputs, as query_model.py takes them.
    """
    result = subprocess.run(
        [sys.executable, "-I", query_model.__file__, path],
        input=json.dumps(list(requests.values())),
        cwd=Path(path).parent,
        env={"PATH": "", "TF_CPP_MIN_LOG_LEVEL": "3"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    imported, given = result.stdout.splitlines()[-2:]
    return json.loads(imported), dict(zip(requests, json.loads(given), strict=True))

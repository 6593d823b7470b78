"""Logs go to a file, ours to the terminal."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

PROGRAM = """
import os, pathlib, sys, logging
from pipeline.local.process.logs import captured
with captured(pathlib.Path(sys.argv[1]), verbose=False) as terminal:
    print('ours', file=terminal)
    print('from python')
    os.write(2, b'from native code\\n')
    logging.getLogger('tfx').warning('from logging')
print('after')
"""


def _run(log: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(log)], capture_output=True, text=True, check=True
    )
    return done.stdout + done.stderr


def test_captured_separates_terminal_and_log(tmp_path: Path) -> None:
    log = tmp_path / "run.log"
    assert _run(log).split("\n")[:2] == ["ours", "after"]
    text = log.read_text()
    assert "from python" in text
    assert "from native code" in text
    assert "from logging" in text


def test_captured_keeps_the_log_before(tmp_path: Path) -> None:
    log = tmp_path / "run.log"
    log.write_text("the run before")
    _run(log)
    assert (tmp_path / "run.log.1").read_text() == "the run before"

"""The output root and its lock."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from components.errors import ConfigError
from pipeline.local.workspace.workspace import BusyError, Workspace

HOLDER = """
import sys, pathlib
from pipeline.local.workspace.workspace import Workspace
with Workspace(pathlib.Path(sys.argv[1]), 'p').lock():
    print('held', flush=True)
    sys.stdin.read()
"""


@pytest.mark.parametrize("name", ["", "a/b", "a_b", "-a", "a b", ".."])
def test_workspace_refuses_names_that_are_not_plain(tmp_path: Path, name: str) -> None:
    with pytest.raises(ConfigError, match="--pipeline-name"):
        Workspace(tmp_path, name)


def test_create_refuses_a_root_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match="--output-root"):
        Workspace(tmp_path / "file", "p").create()


def test_lock_refuses_a_second_process_and_goes_with_a_killed_one(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path, "p")
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(BusyError, match="another run is under way"), workspace.lock():
            pass
        holder.kill()
    with workspace.lock():
        pass

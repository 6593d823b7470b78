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


@pytest.mark.parametrize("name", ["--", "--a", "x" * 129, "x" * 300, "x" * 100_000, "a\nb", "a\0b"])
def test_workspace_refuses_hostile_names_in_one_line(tmp_path: Path, name: str) -> None:
    with pytest.raises(ConfigError, match="--pipeline-name") as caught:
        Workspace(tmp_path, name)
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 500


@pytest.mark.parametrize("root", ["x" * 256, "x/" * 2100, "x" * 100_000, "a\0b"])
def test_workspace_refuses_roots_that_are_no_paths(root: str) -> None:
    with pytest.raises(ConfigError, match="--output-root") as caught:
        Workspace(Path(root), "p")
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 500


def test_workspace_takes_the_longest_name(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path, "x" * 128)
    workspace.create()
    workspace.log.with_name(f"{workspace.name}-recommend.log").write_text("")


def test_create_refuses_a_root_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match="--output-root"):
        Workspace(tmp_path / "file", "p").create()


@pytest.mark.parametrize(
    "name", ["out*", "out[a]", "r[1]", "o?t", "**", "a]", "{a,b}", "a\\b", "[1]/below"]
)
def test_create_refuses_a_root_that_is_a_pattern(tmp_path: Path, name: str) -> None:
    with pytest.raises(ConfigError, match=r"--output-root: .* holds .*; accepted: ") as caught:
        Workspace(tmp_path / name, "p").create()
    assert str(tmp_path / name) in str(caught.value)
    assert "\n" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_create_refuses_a_root_below_a_working_directory_that_is_a_pattern(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "project[1]").mkdir()
    monkeypatch.chdir(tmp_path / "project[1]")
    with pytest.raises(ConfigError, match="project"):
        Workspace(Path("runs"), "p").create()


@pytest.mark.parametrize("name", ["My runs (1)", "50%", "a,b", "#1", "ü", "a'b", "~x", "$HOME"])
def test_create_takes_any_other_root(tmp_path: Path, name: str) -> None:
    workspace = Workspace(tmp_path / name, "p")
    workspace.create()
    assert workspace.artifacts.is_dir()


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

"""The comparison of a place before and after an attempt."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path

import pytest

from tests.hostile.place import differing, state


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "b" / "file").write_text("one")
    (tmp_path / "link").symlink_to("a")
    time.sleep(0.1)  # so that contents are remembered
    return tmp_path


def test_state_names_every_file(folder: Path) -> None:
    assert set(state(folder)) == {"a", "a/b", "a/b/file", "link"}


def test_same_length_and_time_are_another_content(folder: Path) -> None:
    file = folder / "a" / "b" / "file"
    before, times = state(folder), os.stat(file)
    file.write_text("two")
    os.utime(file, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert differing(before, state(folder)) == ["a/b/file"]


def test_copy_with_the_same_content_is_the_same(folder: Path) -> None:
    before = state(folder)
    shutil.rmtree(folder / "a")
    (folder / "a" / "b").mkdir(parents=True)
    (folder / "a" / "b" / "file").write_text("one")
    assert differing(before, state(folder)) == []


def test_kinds_and_targets_differ(folder: Path) -> None:
    before = state(folder)
    (folder / "link").unlink()
    (folder / "link").symlink_to("b")
    (folder / "a" / "b" / "file").unlink()
    (folder / "a" / "b" / "file").mkdir()
    (folder / "new").write_text("")
    assert differing(before, state(folder)) == ["a/b/file", "link", "new"]

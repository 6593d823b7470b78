"""Files that are never half-written."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from pipeline.local.workspace.files import write_aside


def test_write_aside_replaces_whole(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "file.json"
    write_aside(path, "old")
    write_aside(path, "neu – ü")
    assert path.read_text(encoding="utf-8") == "neu – ü"
    assert [p.name for p in path.parent.iterdir()] == ["file.json"]


def test_write_aside_leaves_the_old_file_when_it_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "file.json"
    write_aside(path, "old")

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space left"):
        write_aside(path, "new")
    assert path.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["file.json"]


@pytest.mark.parametrize("mask", [0o022, 0o027, 0o077])
def test_write_aside_follows_the_umask(tmp_path: Path, mask: int) -> None:
    before = os.umask(mask)
    try:
        write_aside(tmp_path / "file.json", "text")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "file.json").stat().st_mode) == 0o666 & ~mask

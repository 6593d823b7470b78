"""Paths that Beam and TensorFlow would read as patterns."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from components.literal_paths import special_characters, without_special_characters


def test_special_characters_each_once() -> None:
    assert special_characters(Path("/a/o*t[a]*{b}?\\")) == "*[]{}?\\"
    assert special_characters("/data/My runs (1), 50% #2 ~ü-@!$&'+=;:") == ""


@pytest.mark.parametrize("name", ["g[a]*", "out?", "a\\b", "{x,y}", "plain"])
def test_without_special_characters_is_the_same_folder(tmp_path: Path, name: str) -> None:
    folder = tmp_path / name
    folder.mkdir()
    with without_special_characters(folder) as other:
        assert special_characters(other) == ""
        (other / "file").write_text("here")
    assert (folder / "file").read_text() == "here"
    assert not other.exists() or other == folder


def test_without_special_characters_needs_a_plain_temporary_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "t[1]").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "t[1]"))
    with pytest.raises(OSError, match="TMPDIR"), without_special_characters(tmp_path / "t[1]"):
        pass

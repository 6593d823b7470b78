from __future__ import annotations

import os
import stat
import zipfile
from pathlib import Path

import pytest

from components.errors import DataError
from pipeline.datasets import unpack as module
from pipeline.datasets.unpack import find_damage, unpack
from tests.pipeline.datasets.zip_server import make_zip


def _write(path: Path, files: dict[str, str]) -> Path:
    path.write_bytes(make_zip(files))
    return path


def _entries(folder: Path) -> list[str]:
    return sorted(os.listdir(folder))


def test_unpack_takes_the_folder_and_leaves_the_rest_out(tmp_path: Path) -> None:
    archive = _write(
        tmp_path / "a.zip", {"in/x": "1", "in/deep/y": "2", "__MACOSX/in/x": "3", "in2/z": "4"}
    )
    unpack(archive, "in", tmp_path / "out")
    found = {
        str(p.relative_to(tmp_path / "out")): p.read_text()
        for p in tmp_path.glob("out/**/*")
        if p.is_file()
    }
    assert found == {"x": "1", "deep/y": "2"}
    assert _entries(tmp_path) == ["a.zip", "out"]


@pytest.mark.parametrize(
    "name", ["../evil", "in/../../evil", "/evil", "in\\..\\..\\evil", "C:/evil"]
)
def test_unpack_refuses_a_path_outside(tmp_path: Path, name: str) -> None:
    (tmp_path / "place").mkdir()
    archive = _write(tmp_path / "place" / "a.zip", {"in/x": "1", name: "evil"})
    with pytest.raises(DataError, match="leads out of the folder; nothing was unpacked"):
        unpack(archive, "in", tmp_path / "place" / "out")
    assert (_entries(tmp_path), _entries(tmp_path / "place")) == (["place"], ["a.zip"])
    assert "leads out" in find_damage(archive, "in")


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR])
def test_unpack_refuses_links_and_devices(tmp_path: Path, kind: int) -> None:
    archive = tmp_path / "a.zip"
    with zipfile.ZipFile(archive, "w") as opened:
        member = zipfile.ZipInfo("in/link")
        member.external_attr = (kind | 0o777) << 16
        opened.writestr(member, "/etc/passwd")
    with pytest.raises(DataError, match="is a link or a device"):
        unpack(archive, "in", tmp_path / "out")
    assert _entries(tmp_path) == ["a.zip"]


def test_unpack_refuses_what_grows_too_much(tmp_path: Path) -> None:
    archive = tmp_path / "a.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as opened:
        opened.writestr("in/zeros", bytes(10_000_000))  # becomes 10 kB
    with pytest.raises(DataError, match=r"1 files of 10\.0 MB; at most 1000 files and 20 times"):
        unpack(archive, "in", tmp_path / "out")
    assert _entries(tmp_path) == ["a.zip"]


def test_unpack_refuses_a_zip_without_the_folder(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no folder in is in it"):
        unpack(_write(tmp_path / "a.zip", {"x": "1"}), "in", tmp_path / "out")
    assert _entries(tmp_path) == ["a.zip"]


@pytest.mark.parametrize("keep", [0, 10, -30])
def test_unpack_refuses_a_cut_file(tmp_path: Path, keep: int) -> None:
    archive = tmp_path / "a.zip"
    archive.write_bytes(make_zip({"in/x": "1" * 1000})[: keep or None] if keep else b"")
    with pytest.raises(DataError, match="not a complete zip"):
        unpack(archive, "in", tmp_path / "out")
    assert "not a complete zip" in find_damage(archive, "in")
    assert _entries(tmp_path) == ["a.zip"]


def test_unpack_refuses_damaged_content(tmp_path: Path) -> None:
    archive = tmp_path / "a.zip"
    content = make_zip({"in/a": "1" * 1000, "in/b": "2" * 1000})
    archive.write_bytes(content.replace(b"2" * 1000, b"2" * 999 + b"3"))
    assert find_damage(archive, "in") == "in/b in it is damaged"
    with pytest.raises(DataError, match="not a complete zip: Bad CRC-32"):
        unpack(archive, "in", tmp_path / "out")
    assert _entries(tmp_path) == ["a.zip"]  # in/a was written before, aside


def test_unpack_removes_what_a_killed_process_left(tmp_path: Path) -> None:
    left = tmp_path / ".out.unpacking" / "in"
    left.mkdir(parents=True)
    (left / "half").write_text("half")
    unpack(_write(tmp_path / "a.zip", {"in/x": "1"}), "in", tmp_path / "out")
    assert _entries(tmp_path) == ["a.zip", "out"]
    assert _entries(tmp_path / "out") == ["x"]


def test_unpack_says_before_that_there_is_no_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []

    def refuse(_: Path, needed: int) -> None:
        asked.append(needed)
        raise DataError("no room")

    monkeypatch.setattr(module, "check_room", refuse)
    archive = _write(tmp_path / "a.zip", {"in/x": "123", "in/y": "45", "out/z": "6"})
    with pytest.raises(DataError, match="no room"):
        unpack(archive, "in", tmp_path / "out")
    assert asked == [5]  # 3 + 2: what lies outside of the folder is not written
    assert _entries(tmp_path) == ["a.zip"]

"""Which pushed versions stay."""

from __future__ import annotations

from pathlib import Path

import pytest

from components.served_versions.retention import keep_newest, remove_versions, surplus_versions
from tests.pipeline.local.synthetic import write_model


@pytest.fixture
def serving(tmp_path: Path) -> Path:
    """Versions 1, 2, 10 and 11, a half one and a note."""
    for version in ("1", "2", "10", "11"):
        write_model(tmp_path / version)
    write_model(tmp_path / "3", complete=False)
    (tmp_path / "notes.txt").write_text("")
    return tmp_path


@pytest.mark.parametrize(
    ("keep", "surplus"), [(0, []), (1, ["1", "2", "10"]), (2, ["1", "2"]), (4, []), (9, [])]
)
def test_surplus_versions_counts_complete_ones_from_the_newest(
    serving: Path, keep: int, surplus: list[str]
) -> None:
    assert [path.name for path in surplus_versions(serving, keep)] == surplus


def test_keep_newest_touches_nothing_else(serving: Path) -> None:
    assert keep_newest(serving, 1) == ["1", "2", "10"]
    assert sorted(path.name for path in serving.iterdir()) == ["11", "3", "notes.txt"]


def test_keep_newest_without_a_folder(tmp_path: Path) -> None:
    assert keep_newest(tmp_path / "none", 1) == []


def test_remove_versions_never_removes_the_live_one(serving: Path) -> None:
    assert remove_versions(serving, [serving / "10", serving / "11"]) == ["10"]
    assert (serving / "11" / "saved_model.pb").exists()


def test_remove_versions_finishes_what_a_killed_one_began(serving: Path) -> None:
    (serving / "1").rename(serving / ".removing-1")
    assert remove_versions(serving, []) == []
    assert not (serving / ".removing-1").exists()

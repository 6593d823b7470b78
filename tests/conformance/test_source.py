"""Where the sources come from: versions of a repository, their trees, and what is said without."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conformance import source


@pytest.fixture(autouse=True)
def _fresh(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """Forgets what was found before, and keeps the user's cache out."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv(source.VERSIONS, raising=False)
    source.versions.cache_clear()
    yield
    source.versions.cache_clear()


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with two tagged versions and a newer commit."""
    folder = tmp_path / "pipelines"
    (folder / "backend").mkdir(parents=True)
    git = ["git", "-C", str(folder), "-c", "user.name=A", "-c", "user.email=a@b.example"]
    subprocess.run([*git, "init", "-q"], check=True)
    for text, tag in (("one", "2.4.0"), ("two", "2.4.1"), ("three", "")):
        (folder / "backend" / "main.go").write_text(text)
        (folder / "go.mod").write_text("module m\n")
        (folder / "large.txt").write_text("not needed")
        subprocess.run([*git, "add", "-A"], check=True)
        subprocess.run([*git, "commit", "-qm", text], check=True)
        if tag:
            subprocess.run([*git, "tag", tag], check=True)
    monkeypatch.setenv(source.SOURCE, str(folder))
    monkeypatch.setattr(source, "find_go", lambda: "go")
    return folder


def test_missing_says_how_to_get_source_and_go(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv(source.SOURCE, raising=False)
    for part in ("KFP_SOURCE is not set", "git clone", "go.dev/dl", "make conformance"):
        assert part in source.missing()
    monkeypatch.setenv(source.SOURCE, str(tmp_path / "gone"))
    assert "is no folder" in source.missing()
    monkeypatch.setenv(source.SOURCE, str(tmp_path))
    monkeypatch.setattr(source, "find_go", lambda: None)
    assert "there is no Go" in source.missing()
    assert source.versions() == ()


def test_newest_patches_leave_out_what_is_older_or_no_release() -> None:
    tags = ["2.1.0", "2.2.0", "2.14.0", "2.14.4", "2.5.0", "sdk-2.9.0", "2.16.0-rc.1", "2.16.1"]
    assert source.newest_patches(tags) == ["2.2.0", "2.5.0", "2.14.4", "2.16.1"]


def test_versions_of_a_repository_are_tags_and_its_newest_commit(repository: Path) -> None:
    tagged, head = source.versions()
    assert tagged.name == "2.4.1"
    assert head.name.startswith("HEAD of 2")
    assert head.label == "HEAD"
    assert tagged.commit != head.commit


def test_versions_can_be_named(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(source.VERSIONS, "2.4.0")
    assert [one.name for one in source.versions()] == ["2.4.0"]
    source.versions.cache_clear()
    monkeypatch.setenv(source.VERSIONS, "9.9.9")
    with pytest.raises(source.NoSourceError, match=r"no version '9\.9\.9'"):
        source.versions()


def test_tree_holds_the_version_and_only_what_is_built(repository: Path) -> None:
    folder = source.tree(source.versions()[0])
    assert (folder / "backend" / "main.go").read_text() == "two"
    assert not (folder / "large.txt").exists()
    assert source.tree(source.versions()[0]) == folder


def test_plain_folder_is_one_version_and_stays_where_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "VERSION").write_text("2.16.1\n")
    monkeypatch.setenv(source.SOURCE, str(tmp_path))
    monkeypatch.setattr(source, "find_go", lambda: "go")
    (version,) = source.versions()
    assert (version.name, version.commit) == ("2.16.1", "")
    assert source.tree(version) == tmp_path

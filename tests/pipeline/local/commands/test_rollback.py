"""Going back to an older version."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from components.errors import ConfigError
from components.served_versions.publish import same_files
from components.served_versions.versions import find_live
from pipeline.local.commands import rollback
from pipeline.local.commands.rollback import RollbackError, roll_back
from pipeline.local.run.plan import make_plan
from pipeline.local.workspace import history
from pipeline.local.workspace.intents import NotRecordedError
from pipeline.local.workspace.versions import list_versions
from pipeline.local.workspace.workspace import Workspace
from tests.pipeline.local.synthetic import push, write_model


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """Versions 1, 2 and 3; 3 is live."""
    workspace = Workspace(tmp_path / "runs", "p")
    for version in "123":
        push(workspace, version)
    return workspace


def _live(workspace: Workspace) -> tuple[str, Path]:
    live = find_live(workspace.serving)
    assert live is not None
    return live


def test_roll_back_makes_a_copy_live_above_all(workspace: Workspace) -> None:
    assert roll_back(workspace, "1", "complaints") == 0
    name, path = _live(workspace)
    assert int(name) > 3
    assert same_files(path, workspace.serving / "1")
    # Nothing is taken away.
    assert {"1", "2", "3"} < {child.name for child in workspace.serving.iterdir()}


def test_roll_back_is_in_the_history(workspace: Workspace) -> None:
    roll_back(workspace, "1", "complaints")
    entry = history.read_entries(workspace.history)[-1]
    assert entry["status"] == "rolled_back"
    assert entry["pushed"] == {"version": _live(workspace)[0], "path": str(_live(workspace)[1])}
    assert (entry["copy_of"], entry["replaced"], entry["reason"]) == ("1", "3", "complaints")
    assert entry["metrics"]["model"] == {"top_100_accuracy": 0.25, "unseen_top_100_accuracy": 0.4}


def test_roll_back_of_versions_that_were_copied_without_their_history(
    workspace: Workspace, tmp_path: Path
) -> None:
    elsewhere = Workspace(tmp_path / "elsewhere", "p")
    shutil.copytree(workspace.serving, elsewhere.serving)
    assert roll_back(elsewhere, "1", "complaints") == 0
    (entry,) = history.read_entries(elsewhere.history)
    assert (entry["copy_of"], entry["replaced"]) == ("1", "3")


def test_roll_back_without_a_version_goes_one_model_further_each_time(
    workspace: Workspace,
) -> None:
    roll_back(workspace, None, "worse than the one before")
    assert same_files(_live(workspace)[1], workspace.serving / "2")
    roll_back(workspace, None, "still bad")
    assert same_files(_live(workspace)[1], workspace.serving / "1")
    with pytest.raises(RollbackError, match="no version is older"):
        roll_back(workspace, None, "again")


def test_roll_back_forward_again(workspace: Workspace) -> None:
    roll_back(workspace, None, "a mistake")
    roll_back(workspace, "3", "it was fine")
    assert same_files(_live(workspace)[1], workspace.serving / "3")
    # The run that made 3 finds its model live.
    plan = make_plan(history.read_entries(workspace.history), "key-3", workspace.serving)
    assert plan.repeated == _live(workspace)[0]


@pytest.mark.parametrize(
    ("version", "told"),
    [
        ("3", "version 3 is live already"),
        ("4", "no complete version '4'; there are 1, 2"),
        ("5", "no complete version '5'"),
    ],
)
def test_roll_back_refuses(workspace: Workspace, version: str, told: str) -> None:
    write_model(workspace.serving / "5", complete=False)
    with pytest.raises(RollbackError, match=told):
        roll_back(workspace, version, "why not")
    assert _live(workspace)[0] == "3"


def test_roll_back_refuses_a_version_that_is_the_live_model(workspace: Workspace) -> None:
    roll_back(workspace, "1", "complaints")
    before = len(list_versions(workspace))
    with pytest.raises(RollbackError, match="is the same model"):
        roll_back(workspace, "1", "complaints")
    assert len(list_versions(workspace)) == before


def test_roll_back_where_nothing_is_live(tmp_path: Path) -> None:
    with pytest.raises(RollbackError, match="nothing is live"):
        roll_back(Workspace(tmp_path, "p"), None, "why not")


def test_roll_back_that_fails_leaves_what_is_live(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("components.served_versions.publish._sync", full)
    entries = history.read_entries(workspace.history)
    with pytest.raises(OSError, match="No space left"):
        roll_back(workspace, "1", "complaints")
    assert _live(workspace)[0] == "3"
    assert sorted(path.name for path in workspace.serving.iterdir()) == ["1", "2", "3"]
    assert history.read_entries(workspace.history) == entries


def test_roll_back_during_a_run_is_done_and_says_so(
    workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    with workspace.lock():
        assert rollback.is_busy(Workspace(workspace.root, "p"))
        roll_back(Workspace(workspace.root, "p"), "1", "complaints")
    assert "A run is under way" in capsys.readouterr().out
    assert not rollback.is_busy(workspace)


def full(*_: object) -> None:
    raise OSError(28, "No space left on device")


def test_roll_back_whose_entry_cannot_be_written_says_what_is_live_and_is_recorded_next(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(history, "append_entry", full)
        with pytest.raises(NotRecordedError) as caught:
            roll_back(workspace, "1", "complaints")
    name = _live(workspace)[0]
    assert f"version {name}, a copy of 1, is live in place of 3" in str(caught.value)
    assert "the next run or rollback records it" in str(caught.value)
    assert "\n" not in str(caught.value)
    roll_back(workspace, "2", "still worse")
    assert f"pushed version {name}" in capsys.readouterr().out
    first, second = history.read_entries(workspace.history)[-2:]
    assert (first["pushed"]["version"], first["copy_of"], first["replaced"]) == (name, "1", "3")
    assert (second["copy_of"], second["replaced"]) == ("2", name)


@pytest.mark.parametrize("place", ["history", "intents"])
def test_roll_back_that_could_not_be_recorded_changes_nothing(
    workspace: Workspace, place: str
) -> None:
    path = getattr(workspace, place)
    if place == "history":
        path.unlink()
        path.mkdir()
        with pytest.raises(ConfigError, match="not a regular file"):
            roll_back(workspace, "1", "complaints")
    else:
        path.write_text("a file where a folder must be")
        with pytest.raises(NotRecordedError, match="nothing was pushed"):
            roll_back(workspace, "1", "complaints")
    assert sorted(child.name for child in workspace.serving.iterdir()) == ["1", "2", "3"]


def test_roll_back_leaves_no_note(workspace: Workspace) -> None:
    roll_back(workspace, "1", "complaints")
    with pytest.raises(RollbackError):
        roll_back(workspace, "1", "complaints")
    assert list(workspace.intents.iterdir()) == []

"""What a run came to."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.local.run.execution import read_push
from pipeline.local.run.plan import Plan
from pipeline.local.run.run_record import RunRecord
from pipeline.local.workspace.workspace import Workspace
from tests.pipeline.local.synthetic import push, write_model


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """Version 7 was pushed and is live."""
    workspace = Workspace(tmp_path, "p")
    push(workspace, "7")
    return workspace


def _status(workspace: Workspace, baseline: str, repeated: str = "") -> tuple[str, str]:
    outcome = RunRecord()
    read_push(workspace, Plan("key", baseline, "token", repeated), outcome)
    assert outcome.exit_code == 0
    assert outcome.pushed is not None
    return outcome.status, outcome.pushed["version"]


def test_read_push_of_a_new_version(workspace: Workspace) -> None:
    write_model(workspace.serving / "8")
    assert _status(workspace, baseline="7") == ("pushed", "8")


def test_read_push_of_a_run_whose_model_is_live(workspace: Workspace) -> None:
    assert _status(workspace, baseline="6", repeated="7") == ("nothing_new", "7")


def test_read_push_of_the_same_model_again(workspace: Workspace) -> None:
    assert _status(workspace, baseline="7") == ("nothing_new", "7")


def test_read_push_of_what_a_killed_run_pushed(workspace: Workspace) -> None:
    write_model(workspace.serving / "8")  # no entry tells of it
    assert _status(workspace, baseline="8") == ("pushed", "8")


def test_read_push_where_nothing_is_live_is_no_success(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="nothing is live"):
        _status(Workspace(tmp_path / "new", "p"), baseline="")

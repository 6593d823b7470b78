"""The pushed versions, with what the history says of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.local.workspace.versions import list_versions
from pipeline.local.workspace.workspace import Workspace
from tests.pipeline.local.synthetic import push, write_model


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path / "runs", "p")


def test_list_versions_tells_which_is_live_and_where_each_is_from(workspace: Workspace) -> None:
    push(workspace, "9")
    push(workspace, "10")
    write_model(workspace.serving / "11", complete=False)
    write_model(workspace.serving / "8")
    (workspace.serving / "notes").mkdir()
    versions = list_versions(workspace)
    # By number, not by name; 11 is not whole, so 10 is live.
    assert [(v.name, v.live, v.complete) for v in versions] == [
        ("8", False, True),
        ("9", False, True),
        ("10", True, True),
        ("11", False, False),
    ]
    assert [v.entry.get("run_key") for v in versions] == [None, "key-9", "key-10", None]

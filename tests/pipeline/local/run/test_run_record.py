"""The record of a run that cannot be written."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pipeline.local.run import run_record
from pipeline.local.run.run_record import RunRecord
from pipeline.local.workspace import history
from pipeline.local.workspace.workspace import Workspace


@pytest.mark.parametrize(("status", "entries"), [("pushed", 1), ("refused", 1), ("failed", 0)])
def test_record_keeps_finished_runs(tmp_path: Path, status: str, entries: int) -> None:
    workspace = Workspace(tmp_path, "p")
    assert run_record.write_record(workspace, RunRecord(status=status)) == ""
    assert json.loads(workspace.last_run.read_text())["status"] == status
    assert len(history.read_entries(workspace.history)) == entries


def test_record_that_cannot_be_written_is_told_and_no_success(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(run_record, "write_aside", full)
    record = RunRecord(status="pushed", exit_code=0)
    assert "No space left on device" in run_record.write_record(Workspace(tmp_path, "p"), record)
    assert record.exit_code == 1

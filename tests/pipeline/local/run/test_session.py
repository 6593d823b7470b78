"""A run that notes its push before it takes effect, and records it whatever comes after."""

from __future__ import annotations

import argparse
import io
from pathlib import Path
from typing import Any

import pytest

from components.errors import ConfigError
from pipeline.config.settings import PipelineConfig
from pipeline.local.run.run_record import RunRecord
from pipeline.local.run.session import Session, _fail_with
from pipeline.local.workspace import history
from pipeline.local.workspace.intents import Intent, NotRecordedError
from pipeline.local.workspace.workspace import BusyError, Workspace
from pipeline.terminal import Screen
from tests.pipeline.local.synthetic import push, write_model


@pytest.fixture
def session(tmp_path: Path) -> Session:
    """A run under way; version 1 is live."""
    workspace = Workspace(tmp_path / "runs", "p")
    push(workspace, "1")
    record = RunRecord(pipeline="p", started="2026-01-01T00:00:00+00:00", run_key="key")
    return Session(
        argparse.Namespace(), PipelineConfig(), workspace, record, Screen(file=io.StringIO())
    )


def entry_of(version: str, **more: Any) -> dict[str, Any]:
    return {"status": "pushed", "pushed": {"version": version, "path": version}, **more}


def note(session: Session, version: str, live: bool) -> None:
    session.intent.write(entry_of(version, run_key="key"))
    if live:
        write_model(session.workspace.serving / version)


def test_failed_run_records_a_push_that_took_effect(session: Session) -> None:
    note(session, "2", live=True)
    session.record.end("failed", "interrupted", 1)
    assert session.record_push_of_failed_run()
    assert session.record.reason == "interrupted; version 2 was pushed before, and is live"
    assert (session.record.status, session.record.exit_code) == ("failed", 1)
    assert history.read_entries(session.workspace.history)[-1] == entry_of("2", run_key="key")


@pytest.mark.parametrize("noted", [False, True])
def test_failed_run_whose_push_took_no_effect_records_none(session: Session, noted: bool) -> None:
    if noted:
        note(session, "2", live=False)
    before = history.read_entries(session.workspace.history)
    session.record.end("failed", "Pusher failed", 1)
    assert session.record_push_of_failed_run()
    assert (session.record.reason, session.record.pushed) == ("Pusher failed", None)
    assert history.read_entries(session.workspace.history) == before


def test_failed_run_that_cannot_record_leaves_it_to_the_next(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    note(session, "2", live=True)
    session.record.end("failed", "interrupted", 1)
    monkeypatch.setattr(history, "append_entry", full)
    assert not session.record_push_of_failed_run()
    assert len(list(session.workspace.intents.iterdir())) == 1


def test_run_that_pushed_names_its_own_version_though_a_rollback_followed(session: Session) -> None:
    note(session, "2", live=True)
    push(session.workspace, "3", status="rolled_back", copy_of="1", replaced="2")
    # What is seen of the folder alone.
    session.record.pushed = {"version": "3", "path": "3"}
    session.record.end("nothing_new", "the model is the same as version 3")
    session._check_push()
    assert session.record.pushed == {"version": "2", "path": "2"}
    assert (session.record.status, session.record.reason) == ("pushed", "all gates passed")


@pytest.mark.parametrize(
    ("kind", "then"), [({}, "pushed"), ({"status": "rolled_back", "copy_of": "1"}, "nothing_new")]
)
def test_next_run_says_what_it_found_and_counts_what_a_run_pushed(
    session: Session, kind: dict[str, Any], then: str
) -> None:
    left = Intent(session.workspace)
    left.write(entry_of("2") | kind)
    left.release()
    write_model(session.workspace.serving / "2")
    session._finish_earlier_pushes()
    (warning,) = session.record.warnings
    assert "pushed version 2 and ended before it was recorded" in warning
    session.record.pushed = {"version": "2", "path": "2"}
    session.record.end("nothing_new", "nothing changed since version 2 was pushed")
    session._check_push()
    assert session.record.status == then


def test_next_run_is_not_started_where_the_history_cannot_be_written(session: Session) -> None:
    session.workspace.history.unlink()
    session.workspace.history.mkdir()
    with pytest.raises(ConfigError, match="history: "):
        session._finish_earlier_pushes()


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ConfigError("x"), 2),
        (BusyError("locked"), 1),
        (NotRecordedError("nothing was pushed"), 1),
        (RuntimeError("x"), 1),
    ],
)
def test_fail_with_has_the_code_of_the_cause(error: Exception, code: int) -> None:
    record = RunRecord()
    _fail_with(record, error)
    assert (record.status, record.exit_code) == ("failed", code)

"""What is about to become live is noted, and recorded whenever its process ends."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from components.errors import ConfigError
from pipeline.local.workspace import history, intents
from pipeline.local.workspace.intents import Intent, NotRecordedError, check_writable, settle
from pipeline.local.workspace.workspace import Workspace
from tests.pipeline.local.synthetic import push, write_model

PROJECT = Path(intents.__file__).parents[3]


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """Version 1 is live."""
    workspace = Workspace(tmp_path / "runs", "p")
    push(workspace, "1")
    return workspace


def entry_of(version: str, **more: Any) -> dict[str, Any]:
    return {"status": "pushed", "pushed": {"version": version}, "started": "now", **more}


def notes(workspace: Workspace) -> list[str]:
    folder = workspace.intents
    return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []


def abandoned(workspace: Workspace, entry: dict[str, Any]) -> None:
    """Leaves a note as a killed process does."""
    intent = Intent(workspace)
    intent.write(entry)
    intent.release()


def test_settle_without_notes_does_nothing(workspace: Workspace) -> None:
    before = workspace.history.read_bytes()
    assert settle(workspace) == []
    assert workspace.history.read_bytes() == before
    assert settle(Workspace(workspace.root / "none", "p")) == []


@pytest.mark.parametrize("kind", ["pushed", "rolled_back"])
def test_settle_records_a_push_that_took_effect(workspace: Workspace, kind: str) -> None:
    more = {"copy_of": "1", "replaced": "1"} if kind == "rolled_back" else {}
    entry = entry_of("2", run_key="key", **more) | {"status": kind}
    write_model(workspace.serving / "2")
    abandoned(workspace, entry)
    (settled,) = settle(workspace)
    assert (settled.version, settled.recorded) == ("2", True)
    assert settled.by_run == (kind == "pushed")
    assert "pushed version 2" in settled.sentence
    assert history.read_entries(workspace.history)[-1] == entry
    assert notes(workspace) == []
    assert settle(workspace) == []


@pytest.mark.parametrize("left", ["nothing", "half a version", "a file"])
def test_settle_takes_away_the_note_of_a_push_without_effect(
    workspace: Workspace, left: str
) -> None:
    if left == "half a version":
        write_model(workspace.serving / "2", complete=False)
    elif left == "a file":
        (workspace.serving / "2").write_text("")
    before = workspace.history.read_bytes()
    abandoned(workspace, entry_of("2"))
    (settled,) = settle(workspace)
    assert not settled.recorded
    assert "version 2 never became live" in settled.sentence
    assert workspace.history.read_bytes() == before
    assert notes(workspace) == []


def test_settle_does_not_record_twice(workspace: Workspace) -> None:
    # Killed between the entry and the end of its note.
    before = history.read_entries(workspace.history)
    abandoned(workspace, entry_of("1"))
    assert settle(workspace) == []
    assert history.read_entries(workspace.history) == before
    assert notes(workspace) == []


def test_settle_leaves_the_note_of_a_push_under_way(workspace: Workspace) -> None:
    write_model(workspace.serving / "2")
    intent = Intent(workspace)
    intent.write(entry_of("2"))
    assert settle(workspace) == []
    assert len(notes(workspace)) == 1
    intent.remove()
    assert notes(workspace) == []


@pytest.mark.parametrize(
    "text",
    [b"", b"{", b"[]", b"\xff\xfe", b'{"pushed": {"version": 2}}', b'{"a":' + b"[" * 9999, b"{}"],
)
def test_settle_keeps_a_damaged_note_aside_and_says_so(workspace: Workspace, text: bytes) -> None:
    workspace.intents.mkdir()
    (workspace.intents / "a.json").write_bytes(text)
    (workspace.intents / "b.writing").write_bytes(b'{"pu')
    (settled,) = settle(workspace)
    assert (settled.version, settled.recorded) == ("", False)
    assert str(workspace.intents / "a.damaged") in settled.sentence
    assert "\n" not in settled.sentence
    assert notes(workspace) == ["a.damaged"]
    assert settle(workspace) == []


def test_settle_where_the_history_still_cannot_be_written_keeps_the_note(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    write_model(workspace.serving / "2")
    abandoned(workspace, entry_of("2"))
    with monkeypatch.context() as patched:
        patched.setattr(history, "append_entry", full)
        with pytest.raises(NotRecordedError, match="version 2 is pushed and still cannot"):
            settle(workspace)
    assert settle(workspace)[0].recorded


def test_write_another_number_replaces_the_note(workspace: Workspace) -> None:
    intent = Intent(workspace)
    intent.write(entry_of("2"))
    intent.write(entry_of("3"))
    (name,) = notes(workspace)
    assert json.loads((workspace.intents / name).read_text()) == entry_of("3")
    assert settle(workspace) == []  # still locked
    intent.remove()


def test_write_refuses_what_the_history_could_not_hold(workspace: Workspace) -> None:
    bad = [{"pushed": {"version": 2}}, {"metrics": {"model": {"a": float("nan")}}}]
    bad.append({"copy_of": "2", "status": "rolled_back"})
    for fields in bad:
        with pytest.raises(NotRecordedError, match="nothing was pushed"):
            Intent(workspace).write(entry_of("2") | fields)
    assert notes(workspace) == []


@pytest.mark.parametrize(
    "obstacle", ["history is a folder", "notes are a file", "folder is a file"]
)
def test_write_that_fails_says_that_nothing_was_pushed(tmp_path: Path, obstacle: str) -> None:
    workspace = Workspace(tmp_path / "runs", "p")
    if obstacle == "history is a folder":
        workspace.history.mkdir(parents=True)
    elif obstacle == "notes are a file":
        workspace.history.parent.mkdir(parents=True)
        workspace.intents.write_text("")
    else:
        workspace.root.mkdir()
        workspace.history.parent.write_text("")
    with pytest.raises(NotRecordedError, match="nothing was pushed") as caught:
        Intent(workspace).write(entry_of("2"))
    assert str(workspace.history.parent) in str(caught.value)


def test_check_writable(workspace: Workspace) -> None:
    check_writable(workspace)
    check_writable(Workspace(workspace.root, "another"))
    Workspace(workspace.root, "folder").history.mkdir()
    with pytest.raises(ConfigError, match="cannot be written"):
        check_writable(Workspace(workspace.root, "folder"))


ROLLBACK = """
import os, sys
from pathlib import Path
from components.served_versions import publish
from pipeline.local.commands.rollback import roll_back
from pipeline.local.workspace.workspace import Workspace
{fault}
roll_back(Workspace(Path(sys.argv[1]), "p"), "1", "complaints")
"""
KILL = "os.kill(os.getpid(), 9)"
RENAME = "import pathlib\nrename = pathlib.Path.rename\n"
FAULTS = {
    "before the note": (f"publish._sync = lambda *_: {KILL}", 0, False),
    "after the note": (f"{RENAME}pathlib.Path.rename = lambda *_: {KILL}", 1, False),
    "after the rename": (
        f"{RENAME}pathlib.Path.rename = lambda *a: (rename(*a), {KILL})",
        1,
        True,
    ),
    "before the entry": (
        f"from pipeline.local.workspace import history\nhistory.append_entry = lambda *_: {KILL}",
        1,
        True,
    ),
    "after the entry": (
        f"from pipeline.local.workspace.intents import Intent\nIntent.remove = lambda *_: {KILL}",
        1,
        True,
    ),
}


@pytest.mark.parametrize("point", FAULTS)
def test_rollback_killed_anywhere_is_recorded_or_without_effect(
    workspace: Workspace, point: str
) -> None:
    push(workspace, "2")
    fault, left, live = FAULTS[point]
    killed = subprocess.run(
        [sys.executable, "-c", ROLLBACK.format(fault=fault), str(workspace.root)],
        cwd=PROJECT,
        env=dict(os.environ),
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL
    assert len(notes(workspace)) == left
    settle(workspace)
    assert notes(workspace) == []
    versions = [p.name for p in workspace.serving.iterdir() if p.name.isdecimal()]
    recorded = [e["pushed"]["version"] for e in history.read_entries(workspace.history)]
    assert sorted(versions) == sorted(recorded)
    assert len(versions) == 2 + live

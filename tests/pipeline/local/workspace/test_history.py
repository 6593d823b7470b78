"""The history of runs: appended, torn lines passed over."""

from __future__ import annotations

from pathlib import Path

from pipeline.local.workspace.history import append_entry, newest_push, read_entries


def test_append_entry_keeps_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "history.jsonl"
    append_entry(path, {"n": 1})
    append_entry(path, {"n": 2})
    assert read_entries(path) == [{"n": 1}, {"n": 2}]


def test_append_entry_survives_a_torn_last_line(tmp_path: Path) -> None:
    path = tmp_path / "history.jsonl"
    path.write_bytes(b'{"n": 1}\n{"n": 2, "trunc')
    append_entry(path, {"n": 3})
    assert read_entries(path) == [{"n": 1}, {"n": 3}]


def test_read_entries_without_a_file_is_empty(tmp_path: Path) -> None:
    assert read_entries(tmp_path / "none.jsonl") == []


def test_newest_push_wants_both_key_and_version() -> None:
    entries = [
        {"run_key": "a", "pushed": {"version": "1"}, "n": 1},
        {"run_key": "a", "pushed": {"version": "1"}, "n": 2},
        {"run_key": "a", "pushed": None},
        {"run_key": "b", "pushed": {"version": "2"}},
    ]
    assert newest_push(entries, "a", "1") == entries[1]
    assert newest_push(entries, "a", "2") is None
    assert newest_push(entries, "c", "1") is None

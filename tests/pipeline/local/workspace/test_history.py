"""The history of runs: appended, torn lines passed over."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pipeline.local.commands.command_line import run_command
from pipeline.local.run.plan import find_withdrawal, make_plan
from pipeline.local.workspace.history import append_entry, damage, newest_push, read_entries
from pipeline.local.workspace.versions import list_versions, origin
from pipeline.local.workspace.workspace import Workspace
from tests.pipeline.local.synthetic import push


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


GOOD = {"status": "pushed", "pushed": {"version": "7"}, "started": "2026-01-01T03:00:00+00:00"}


def changed(**fields: Any) -> bytes:
    return json.dumps({**GOOD, **fields}).encode()


# Each is one line, and what the sentence says of it.
BAD = {
    "torn": (b'{"status": "pus', "not JSON"),
    "binary": (b"\xff\xfe\x00\x01", "not JSON"),
    "zeros": (b"\x00" * 64, "not JSON"),
    "nan": (b'{"metrics": {"model": {"a": NaN}}}', "not JSON"),
    "digits": (b'{"started": ' + b"9" * 5000 + b"}", "not JSON"),
    "list": (b"[1]", "not a JSON object"),
    "text": (b'"pushed"', "not a JSON object"),
    "number": (b"7", "not a JSON object"),
    "deep": (b'{"a": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "nested deeper"),
    "fairly deep": (b'{"data": {"a": ' + b"[" * 500 + b"]" * 500 + b"}}", "nested deeper"),
    "pushed is text": (changed(pushed="7"), "pushed: "),
    "pushed is a list": (changed(pushed=["7"]), "pushed: "),
    "no version": (changed(pushed={}), "pushed.version: "),
    "version is a number": (changed(pushed={"version": 7}), "pushed.version: "),
    "version is a path": (changed(pushed={"version": "../7"}), "pushed.version: "),
    "version of 400 digits": (changed(pushed={"version": "9" * 400}), "pushed.version: "),
    "nothing pushed": (changed(status="rolled_back", pushed=None), "pushed: missing"),
    "status": (changed(status=["pushed"]), "status: "),
    "started": (changed(started=20260101), "started: "),
    "reason": (changed(reason={"why": 1}), "reason: "),
    "half a character": (b'{"reason": "\\ud800"}', "holds half of a character"),
    "key": (changed(run_key=1), "run_key: "),
    "baseline": (changed(baseline_version=6), "baseline_version: "),
    "baseline of 400 digits": (changed(baseline_version="9" * 400), "baseline_version: "),
    "baseline is a path": (changed(baseline_version="../6"), "baseline_version: "),
    "token": (changed(push_token=[]), "push_token: "),
    "data": (changed(data=[]), "data: "),
    "time as text": (changed(data={"first_timestamp": "0"}), "data.first_timestamp: "),
    "time beyond all years": (changed(data={"last_timestamp": 10**18}), "data.last_timestamp: "),
    "infinite time": (b'{"data": {"last_timestamp": 1e999}}', "data.last_timestamp: "),
    "dropped": (changed(data={"dropped": 3}), "data.dropped: "),
    "metrics": (changed(metrics=[0.5]), "metrics: "),
    "figure as text": (changed(metrics={"model": {"a": "0.5"}}), "metrics.model.a: "),
    "no model": (changed(metrics={"live": {}}), "metrics: model is missing"),
    "gate": (changed(gate=[{"name": "a"}]), "gate.0.value: "),
    "config": (changed(config="default"), "config: "),
    "keep": (changed(config={"retention": {"keep_versions": -1}}), "config.retention.keep_"),
    "keep true": (changed(config={"retention": {"keep_versions": True}}), "config.retention.keep_"),
    "rollback of nothing": (changed(status="rolled_back"), "copy_of: missing"),
    "copy of itself": (changed(status="rolled_back", copy_of="7"), "copy_of: 7 is not older"),
    "copy of a newer": (changed(status="rolled_back", copy_of="8"), "copy_of: 8 is not older"),
    "replaced itself": (
        changed(status="rolled_back", copy_of="6", replaced="7"),
        "replaced: 7 is not older",
    ),
    "replaced is a number": (changed(replaced=6), "replaced: "),
}


@pytest.mark.parametrize("case", BAD)
def test_read_entries_passes_over_a_bad_line_and_damage_says_why(tmp_path: Path, case: str) -> None:
    line, why = BAD[case]
    path = tmp_path / "p.jsonl"
    path.write_bytes(changed() + b"\n" + line + b"\n\n" + changed() + b"\n")
    assert read_entries(path) == [GOOD, GOOD]
    told = damage(path)
    assert told.startswith(f"history: 1 line is passed over in {path}: line 2 ({why}")
    assert "\n" not in told
    assert len(told) < 500


def test_damage_of_several_lines_is_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "p.jsonl"
    path.write_bytes(b"\n".join([changed(), *(line for line, _ in BAD.values())]))
    assert damage(path).startswith(f"history: {len(BAD)} lines are passed over in {path}: the fir")
    path.write_bytes(changed() + b"\n")
    assert damage(path) == ""
    assert damage(tmp_path / "none") == ""


def test_damage_shows_no_text_of_the_line(tmp_path: Path) -> None:
    path = tmp_path / "p.jsonl"
    path.write_bytes(json.dumps({"metrics": {"\x1b[31m" + "x" * 10**6: 1}}).encode())
    told = damage(path)
    assert "\x1b" not in told
    assert len(told) < 500


def test_read_entries_keeps_what_older_runners_wrote(tmp_path: Path) -> None:
    # Fields that nobody knows, that are null, or that are missing.
    entries = [
        {"status": "nothing_new", "pushed": None, "metrics": {}, "gate": [], "new_field": [1]},
        {"status": "refused", "data": {"first_timestamp": None, "span": "1-3"}, "config": None},
        {"status": "rolled_back", "pushed": {"version": "9"}, "copy_of": "8", "reason": "ü"},
    ]
    for entry in entries:
        append_entry(tmp_path / "p.jsonl", entry)
    assert read_entries(tmp_path / "p.jsonl") == entries


def rolled_back(version: str, copy_of: str, replaced: str) -> dict[str, Any]:
    pushed = {"version": version}
    return {"status": "rolled_back", "pushed": pushed, "copy_of": copy_of, "replaced": replaced}


# As they come from no reader: to itself, to each other, round three, and to a newer one.
CIRCLES = [
    [rolled_back("3", "3", "3")],
    [rolled_back("3", "2", "2"), rolled_back("2", "3", "3")],
    [rolled_back("3", "2", "2"), rolled_back("2", "1", "1"), rolled_back("1", "3", "3")],
    [rolled_back("3", "4", "4"), rolled_back("4", "3", "3")],
]


@pytest.mark.parametrize("entries", CIRCLES)
def test_circles_end(tmp_path: Path, entries: list[dict[str, Any]]) -> None:
    workspace = Workspace(tmp_path, "p")
    push(workspace, "3")
    assert find_withdrawal(entries, "key", "3") is None
    assert make_plan(entries, "key", workspace.serving).settled == ""
    (version,) = list_versions(workspace)
    by_name = {
        entry["pushed"]["version"]: type(version)(
            entry["pushed"]["version"], version.path, False, True, entry
        )
        for entry in entries
    }
    assert origin(by_name["3"], by_name) in ("1", "2", "3")


@pytest.mark.parametrize("command", ["models", "rollback", "clean"])
def test_commands_say_once_that_lines_are_passed_over(
    tmp_path: Path, command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    from local_runner import build_parser

    workspace = Workspace(tmp_path / "runs", "movielens")
    push(workspace, "1")
    push(workspace, "2")
    with workspace.history.open("ab") as file:
        file.write(b"\n".join(line for line, _ in BAD.values()) + b"\n")
    line = ["--output-root", str(workspace.root), command]
    arguments = build_parser().parse_args([*line, *(["--reason=x"] * (command == "rollback"))])
    assert run_command(arguments) == 0
    shown = capsys.readouterr()
    assert shown.err.count("\n") == 1
    assert f"{len(BAD)} lines are passed over" in shown.err
    assert "passed over" not in shown.out

"""The step that carries out a local command on a volume."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pipeline.kubeflow.launcher import ANSWER_BEGIN, ANSWER_END
from pipeline.kubeflow.step import entrypoint, served_command
from pipeline.kubeflow.step.executor_input import ROOT_VARIABLE
from pipeline.local.workspace import history
from pipeline.local.workspace.workspace import ServedFolder
from tests.pipeline.local.synthetic import push

Printed = pytest.CaptureFixture[str]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ServedFolder:
    """A volume whose versions are not in serving_model/NAME, and a launcher's folders."""
    monkeypatch.setenv(ROOT_VARIABLE, str(tmp_path))
    monkeypatch.setenv(entrypoint.TERMINATION_VARIABLE, str(tmp_path / "termination-log"))
    monkeypatch.setenv("COLUMNS", "80")
    return ServedFolder(tmp_path / "volume", "movielens", tmp_path / "volume" / "movielens")


def carry_out(folder: ServedFolder, command: str, arguments: str) -> int:
    page: dict[str, Any] = {
        "uri": "minio://b/answer",
        "type": {"schemaTitle": "system.Markdown"},
    }
    message = {
        "inputs": {"parameterValues": {"arguments": arguments}},
        "outputs": {"artifacts": {"answer": {"artifacts": [page]}}},
    }
    line = [command, f"--destination={folder.destination}", f"--root={folder.root}"]
    return served_command.main([*line, f"--executor_input={json.dumps(message)}"])


def test_history_is_beside_versions_that_are_anywhere(
    folder: ServedFolder, tmp_path: Path, capfd: Printed
) -> None:
    push(folder, "1")
    push(folder, "22")
    assert carry_out(folder, "rollback", "--reason='not good'") == 0
    lines = capfd.readouterr().out.splitlines()
    assert (lines[0], lines[-1]) == (ANSWER_BEGIN, ANSWER_END)
    assert "a copy of 1, is live in place of 22" in lines[1]
    entry = history.read_entries(tmp_path / "volume" / "history" / "movielens.jsonl")[-1]
    assert (entry["copy_of"], entry["reason"]) == ("1", "not good")
    page = (tmp_path / "minio" / "b" / "answer").read_text()
    assert page.splitlines() == [f"    {line}" for line in lines[1:-1]]


def test_reason_of_a_failure_is_where_the_page_looks(
    folder: ServedFolder, tmp_path: Path, capfd: Printed
) -> None:
    assert carry_out(folder, "rollback", "--reason=x") == 2
    printed = capfd.readouterr()
    assert ANSWER_BEGIN not in printed.out
    assert printed.err == "error: rollback: nothing is live, so there is nothing to roll back\n"
    reason = (tmp_path / "termination-log").read_text()
    assert reason == "rollback: nothing is live, so there is nothing to roll back"


def test_unforeseen_error_is_told_too(
    folder: ServedFolder, capfd: Printed, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> int:
        raise ZeroDivisionError("why")

    monkeypatch.setattr(served_command.COMMANDS["models"], "run", fail)
    with pytest.raises(ZeroDivisionError):
        carry_out(folder, "models", "")
    assert "error: models: ZeroDivisionError: why" in capfd.readouterr().err


def test_arguments_that_the_local_command_refuses(folder: ServedFolder, capfd: Printed) -> None:
    with pytest.raises(SystemExit) as ended:
        carry_out(folder, "models", "--jsn")
    assert ended.value.code == 2
    assert capfd.readouterr().err.startswith("error: unrecognized arguments: --jsn")

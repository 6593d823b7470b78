"""The commands beside a run, as they are typed."""

from __future__ import annotations

from pathlib import Path

import pytest

import local_runner
from pipeline.local.workspace.workspace import Workspace
from tests.pipeline.local.synthetic import push


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for version in "12":
        push(Workspace(tmp_path, "movielens"), version)
    return tmp_path


def test_options_without_a_command_are_those_of_a_run() -> None:
    parsed = local_runner.build_parser().parse_args(["--data-root", "x", "--set", "a.b=1"])
    assert (parsed.command, parsed.data_root, parsed.assignments) == (None, Path("x"), ["a.b=1"])
    assert (parsed.output_root, parsed.pipeline_name) == (Path("runs"), "movielens")


@pytest.mark.parametrize("before", [True, False])
def test_place_may_stand_before_or_after_the_command(
    root: Path, capsys: pytest.CaptureFixture[str], before: bool
) -> None:
    position = ["--output-root", str(root), "--pipeline-name", "movielens"]
    line = [*position, "models", "--json"] if before else ["models", "--json", *position]
    assert local_runner.main(line) == 0
    assert '"version": "2"' in capsys.readouterr().out


def test_rollback_command(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    line = ["rollback", "--reason", "bad", "--output-root", str(root)]
    assert local_runner.main(line) == 0
    assert "a copy of 1, is live in place of 2" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("line", "code", "told"),
    [
        (["rollback", "7", "--reason", "x"], 2, "error: rollback: no complete version '7'"),
        (["models", "--pipeline-name", "a b"], 2, "error: --pipeline-name"),
    ],
)
def test_command_refuses_in_one_line(
    root: Path, capsys: pytest.CaptureFixture[str], line: list[str], code: int, told: str
) -> None:
    assert local_runner.main([*line, "--output-root", str(root)]) == code
    error = capsys.readouterr().err
    assert told in error
    assert error.count("\n") == 1


@pytest.mark.parametrize(
    "line",
    [
        ["modelz"],
        ["rollback"],
        ["clean", "--keep-versions", "-1"],
        ["clean", "--keep-versions", "nan"],
        ["clean", "--older-than", "-3d"],
        ["recommend", "--users", "1", "--output", "x.parquet", "--k", "101"],
        ["--pipeline-name=--"],
        ["--output-root=--", "models"],
        ["models", "--pipeline-name=--"],
        ["--set=--"],
        ["--pipeline-name", "--"],
    ],
)
def test_command_line_that_is_wrong_exits_with_2(line: list[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        local_runner.main(line)
    assert caught.value.code == 2

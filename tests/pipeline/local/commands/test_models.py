"""The list of pushed versions."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pipeline.local.commands.models import data_window, print_versions
from pipeline.local.workspace.workspace import Workspace
from tests.pipeline.local.synthetic import push, write_model


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path / "runs", "p")


def test_print_versions_shows_date_window_figures_and_notes(
    workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    push(workspace, "9")
    push(workspace, "10", status="rolled_back", copy_of="8", reason="worse")
    write_model(workspace.serving / "11", complete=False)
    assert print_versions(workspace, as_json=False) == 0
    out = capsys.readouterr().out
    assert max(map(len, out.splitlines())) <= 80
    eleven, ten, nine, *notes = out.splitlines()[2:]
    assert eleven.split()[0] == "11"
    assert ten.split()[:4] == ["10", "live", "2026-01-02", "03:00"]
    # 0 and 86,400 seconds after 1970 began.
    assert "1970-01-01 – 1970-01-02" in nine
    assert nine.split()[-2:] == ["25.00", "40.00"]
    assert "live" not in nine
    assert notes == ["11: incomplete: servers pass it over", "10: copy of 8: worse"]


def test_print_versions_as_json_is_for_programs(
    workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    push(workspace, "9")
    assert print_versions(workspace, as_json=True) == 0
    (version,) = json.loads(capsys.readouterr().out)
    assert (version["version"], version["live"], version["copy_of"]) == ("9", True, None)
    assert version["metrics"]["top_100_accuracy"] == 0.25


def test_print_versions_before_the_first_push(
    workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    assert print_versions(workspace, as_json=False) == 0
    assert "Nothing pushed yet" in capsys.readouterr().out


def test_print_versions_has_a_column_of_spans_where_there_are_any(
    workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    push(workspace, "9", data={"span": "3-5"})
    push(workspace, "10")
    print_versions(workspace, as_json=False)
    *head, ten, nine = capsys.readouterr().out.splitlines()
    assert "spans" in "".join(head)
    assert "3-5" in nine
    assert "3-5" not in ten


@pytest.mark.parametrize(
    "name", ["variables.data-00000-of-00001.part", "variables.data-00000-of-00001~", "x-of-y"]
)
def test_print_versions_passes_over_junk(
    workspace: Workspace, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    push(workspace, "9")
    (workspace.serving / "9" / "variables" / name).write_text("")
    (workspace.serving / ("9" * 200)).mkdir()
    assert print_versions(workspace, as_json=True) == 0
    (version,) = json.loads(capsys.readouterr().out)
    assert (version["version"], version["live"], version["complete"]) == ("9", True, True)


def test_data_window_is_in_days() -> None:
    # The last second of the first day of 1970.
    data = {"first_timestamp": 0, "last_timestamp": 86399}
    assert data_window(data) == "1970-01-01 – 1970-01-01"
    assert data_window({}) == "–"

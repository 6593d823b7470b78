"""The command of every container: arguments in, a reason out where it fails."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from components.errors import DataError
from pipeline.kubeflow.step import entrypoint

ARGUMENTS = [
    "--node_id",
    "Trainer",
    "--executor_class_path",
    "m.Executor",
    "--json_serialized_invocation_args",
    "{}",
    "--json_serialized_inputs_spec_args",
    "{}",
]


@pytest.fixture
def reason_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "termination-log"
    monkeypatch.setenv(entrypoint.TERMINATION_VARIABLE, str(path))
    monkeypatch.setenv("_KFP_RUNTIME", "true")  # `main` sets it: gone again after the test
    return path


def fail_with(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    def run_step(*arguments: Any) -> None:
        raise error

    monkeypatch.setattr(entrypoint, "run_step", run_step)


def test_parser_leaves_beam_s_options() -> None:
    actual, beam = entrypoint.build_parser().parse_known_args([*ARGUMENTS, "--runner=X"])
    assert actual.node_id == "Trainer"
    assert beam == ["--runner=X"]


def test_main_tells_a_user_s_error_in_one_line(
    reason_file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    fail_with(DataError("no ratings"), monkeypatch)
    assert entrypoint.main(ARGUMENTS) == 2
    assert reason_file.read_text() == "Trainer: no ratings"
    assert capsys.readouterr().err == "error: Trainer: no ratings\n"


def test_main_tells_any_other_error_and_keeps_its_traceback(
    reason_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fail_with(KeyError("x"), monkeypatch)
    with pytest.raises(KeyError):
        entrypoint.main(ARGUMENTS)
    assert reason_file.read_text() == "Trainer: KeyError: 'x'"


def test_reason_is_cut_to_what_kubernetes_keeps(reason_file: Path) -> None:
    entrypoint.tell_reason("ä" * 5000)
    text = reason_file.read_bytes()
    # Two bytes for each letter, and no half letter at the end.
    assert len(text) == 4000
    assert text.decode() == "ä" * 2000


def test_reason_outside_a_pod_is_only_in_the_log(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(entrypoint.TERMINATION_VARIABLE, str(tmp_path / "no" / "folder"))
    entrypoint.tell_reason("x")
    assert capsys.readouterr().err == "error: x\n"


def test_page_paths_finds_html_outputs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KFP_LOCAL_ROOT", "/pod")
    page = {"uri": "s3://b/page", "type": {"schemaTitle": "system.HTML"}}
    other = {"uri": "s3://b/x", "type": {"instanceSchema": "title: tfx.Model"}}
    message = {"outputs": {"artifacts": {"p": {"artifacts": [page]}, "x": {"artifacts": [other]}}}}
    assert entrypoint.page_paths(message) == ["/pod/s3/b/page"]


def test_finish_output_does_every_step(tmp_path: Path) -> None:
    file = tmp_path / "output_metadata.json"
    written = {
        "parameterValues": {"span": 3},
        "artifacts": {"examples": {"artifacts": [{"uri": "/s3/b/e", "metadata": {"n": None}}]}},
    }
    file.write_text(json.dumps(written))
    actual = {"artifacts": {"examples": {"artifacts": [{"metadata": {"span": 3}}]}}}
    entrypoint.finish_output(str(file), actual, {"/s3/b/e": "s3://b/e"})
    assert json.loads(file.read_text()) == {
        "artifacts": {"examples": {"artifacts": [{"uri": "s3://b/e", "metadata": {"span": 3}}]}}
    }


def test_kept_schemes_are_those_of_beam_steps_on_dataflow() -> None:
    dataflow = ["--runner=DataflowRunner", "--project=p"]
    assert entrypoint.kept_schemes("Transform", dataflow) == ("gs://",)
    assert entrypoint.kept_schemes("Trainer", dataflow) == ()
    assert entrypoint.kept_schemes("Transform", ["--runner=FlinkRunner"]) == ()

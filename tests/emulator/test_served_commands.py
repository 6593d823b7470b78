"""rollback, models and recommend from the command line to the volume, and back."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import yaml

import kubeflow_runner
import local_runner
from pipeline.kubeflow.client import connection
from pipeline.kubeflow.served import answer
from pipeline.local.workspace import history
from pipeline.local.workspace.workspace import Workspace
from tests.emulator.backend import Backend
from tests.emulator.spec import upload
from tests.pipeline.kubeflow.package import PACKAGE
from tests.pipeline.kubeflow.stand_in import State, serve
from tests.pipeline.local.synthetic import push
from tests.pipeline.local.tiny_model import save

pytestmark = pytest.mark.slow


@dataclass
class Place:
    """A cluster that answers the API and carries out what it is given, and its volume."""

    server: State
    backend: Backend
    volume: Path
    mount: Path

    @property
    def workspace(self) -> Workspace:
        """The volume as an output root."""
        return Workspace(self.volume, "movielens")

    def pages(self) -> list[str]:
        """Returns what the runs show on their pages."""
        return [self.backend.files(one).read_text() for one in self.backend.artifacts]


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    volume, mount = tmp_path / "claims" / "recommender", tmp_path / "mnt"
    volume.mkdir(parents=True)
    backend = Backend(tmp_path / "cluster", claims={"recommender": volume})
    (tmp_path / "p.yaml").write_text(PACKAGE.replace("/mnt/recommender", str(mount)))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setattr(answer, "POLL_SECONDS", 0.1)
    monkeypatch.delenv(connection.TOKEN_VARIABLE, raising=False)
    with serve() as (address, server):
        monkeypatch.setenv("KF_PIPELINES_ENDPOINT", address)
        server.carry_out = lambda run: begin(server, backend, run)
        yield Place(server, backend, volume, mount)


def begin(server: State, backend: Backend, run: dict[str, Any]) -> tuple[str, str]:
    """Begins to run a specification that came through the API; returns state and log so far."""
    given = run["pipeline_spec"]
    text = yaml.safe_dump_all([given["pipeline_spec"], given["platform_spec"]])

    def carry_out() -> None:
        (done,) = backend.run(upload(text), run["runtime_config"]["parameters"]).values()
        server.logs = dict.fromkeys(server.logs, done.log)
        server.runs[-1]["state"] = done.state.upper()

    threading.Thread(target=carry_out, daemon=True).start()
    return "RUNNING", ""


def run(command: str, *arguments: str) -> int:
    return kubeflow_runner.main([command, "--package", "p.yaml", *arguments])


def test_rollback_is_that_of_the_local_runner(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    for version in ("1", "22", "333"):
        push(place.workspace, version)
    assert run("rollback", "--reason", "worse: {a} $HOME 'x'") == 0
    said = capsys.readouterr().out
    entry = history.read_entries(place.workspace.history)[-1]
    new = entry["pushed"]["version"]
    assert f"rolled back: version {new}, a copy of 22, is live in place of 333" in said
    assert entry["status"] == history.ROLLED_BACK
    assert entry["reason"] == "worse: {a} $HOME 'x'"
    assert (entry["copy_of"], entry["replaced"]) == ("22", "333")
    assert (place.workspace.serving / new / "saved_model.pb").read_text() == "22"
    assert not list(place.workspace.intents.glob("*"))
    (page,) = place.pages()
    assert "a copy of 22, is live in place of 333" in page
    # Where the volume is mounted, the local runner goes on from there.
    assert local_runner.main(["rollback", f"--output-root={place.volume}", "--reason=more"]) == 0
    assert history.read_entries(place.workspace.history)[-1]["copy_of"] == "1"


def test_rollback_without_an_older_version_fails_with_its_sentence(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    push(place.workspace, "333")
    assert run("rollback", "--reason", "bad") == 1
    said = capsys.readouterr().err
    assert "rollback: no version is older than the live one, 333" in said
    assert [path.name for path in place.workspace.serving.iterdir()] == ["333"]


def test_models_are_those_of_the_local_runner(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    push(place.workspace, "1")
    push(place.workspace, "22", data={"first_timestamp": 0, "last_timestamp": 86400, "span": 7})
    (place.workspace.serving / "333").mkdir()
    lines = [[], ["--json"]]
    for line in lines:
        local_runner.main(["models", f"--output-root={place.volume}", *line])
        expected = capsys.readouterr().out
        assert run("models", *line) == 0
        said = capsys.readouterr().out
        assert said == expected.replace(str(place.volume), str(place.mount))
    assert json.loads(said)[1]["version"] == "22"
    assert all(page.endswith("\n") for page in place.pages())


def test_damaged_history_is_a_warning_on_standard_error(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    push(place.workspace, "1")
    with place.workspace.history.open("a") as file:
        file.write("no JSON\n")
    assert run("models", "--json") == 0
    printed = capsys.readouterr()
    assert [version["version"] for version in json.loads(printed.out)] == ["1"]
    assert "1 line is passed over" in printed.err


def test_recommend_writes_to_the_volume(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    save(place.workspace.serving / "1")
    (place.volume / "users.txt").write_text("2\nx\n")
    users, output = place.mount / "users.txt", place.mount / "lists" / "new.parquet"
    output_on_volume = place.volume / "lists" / "new.parquet"
    output_on_volume.parent.mkdir()
    assert run("recommend", f"--users={users}", f"--output={output}", "--k=1") == 0
    rows = pq.read_table(output_on_volume).to_pylist()
    assert [(row["user"], row["movie"]) for row in rows] == [("2", "2-a"), ("x", "x-a")]
    said = capsys.readouterr().out
    assert "2 users (1 unknown: popular movies) × 1" in said
    assert "by version 1" in said

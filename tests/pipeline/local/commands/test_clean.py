"""Cleaning by age, on a real ML Metadata database."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import Any

import pytest
from ml_metadata.metadata_store import metadata_store
from ml_metadata.proto import metadata_store_pb2 as mlmd

from components.errors import ConfigError
from pipeline.local.commands import clean as cleaning
from pipeline.local.commands.clean import clean, find_old, live_origin
from pipeline.local.commands.rollback import roll_back
from pipeline.local.workspace.metadata import DELETED, Run, Store
from pipeline.local.workspace.workspace import BusyError, Workspace
from tests.pipeline.local.synthetic import push


class World:
    """Writes what TFX writes of runs."""

    def __init__(self, workspace: Workspace) -> None:
        workspace.create()
        config = mlmd.ConnectionConfig()
        config.sqlite.filename_uri = str(workspace.metadata)
        config.sqlite.connection_mode = mlmd.SqliteMetadataSourceConfig.READWRITE_OPENCREATE
        self.store = metadata_store.MetadataStore(config)
        self.workspace = workspace
        self.run_type = self.store.put_context_type(mlmd.ContextType(name="pipeline_run"))
        self.node_type = self.store.put_execution_type(mlmd.ExecutionType(name="Node"))
        kinds = ("Model", "PushedModel")
        self.types = {
            kind: self.store.put_artifact_type(mlmd.ArtifactType(name=kind)) for kind in kinds
        }

    def artifact(self, kind: str, name: str, version: str = "") -> int:
        folder = self.workspace.artifacts.absolute() / "Node" / "out" / name
        folder.mkdir(parents=True)
        (folder / "data").write_bytes(b"x" * 1000)
        artifact = mlmd.Artifact(
            type_id=self.types[kind], uri=str(folder), state=mlmd.Artifact.State.LIVE
        )
        if version:
            artifact.custom_properties["pushed_version"].string_value = version
        return self.store.put_artifacts([artifact])[0]

    def run(self, name: str, artifacts: list[int]) -> int:
        """Writes a run of one execution with these outputs; returns the execution."""
        context = mlmd.Context(type_id=self.run_type, name=name)
        execution = mlmd.Execution(type_id=self.node_type, name=name)
        events = [
            (
                self.store.get_artifacts_by_id([id_])[0],
                mlmd.Event(artifact_id=id_, type=mlmd.Event.OUTPUT),
            )
            for id_ in artifacts
        ]
        execution_id, _, _ = self.store.put_execution(execution, events, [context])
        folder = self.workspace.artifacts / "Node" / ".system" / "executor_execution"
        (folder / str(execution_id)).mkdir(parents=True)
        return execution_id

    def state(self, artifact: int) -> int:
        return self.store.get_artifacts_by_id([artifact])[0].state

    def folder(self, artifact: int) -> Path:
        return Path(self.store.get_artifacts_by_id([artifact])[0].uri)


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path / "runs", "p")


@pytest.fixture
def world(workspace: Workspace) -> World:
    return World(workspace)


class Aged:
    """A store in which a run ended as long ago as it is told: ML Metadata sets the times itself."""

    def __init__(self, store: Store, ended: dict[str, float]) -> None:
        self._store, self._ended = store, ended

    def artifacts(self) -> dict[int, Any]:
        return self._store.artifacts()

    def runs(self) -> list[Run]:
        return [
            Run(r.name, self._ended[r.name], r.executions, r.artifacts, r.versions)
            for r in self._store.runs()
        ]


def test_store_reads_runs(world: World, workspace: Workspace) -> None:
    assert Store(workspace.metadata).runs() == []
    model, pushed = world.artifact("Model", "1"), world.artifact("PushedModel", "2", "77")
    before = time.time()
    execution = world.run("first", [model, pushed])
    (run,) = Store(workspace.metadata).runs()
    assert (run.name, run.executions) == ("first", {execution})
    assert (run.artifacts, run.versions) == ({model, pushed}, {"77"})
    # A time of day in seconds: ML Metadata keeps milliseconds.
    assert int(before) <= run.ended <= time.time() + 1


def test_find_old_keeps_what_a_younger_run_took_from_the_cache(
    world: World, workspace: Workspace
) -> None:
    shared, own = world.artifact("Model", "shared"), world.artifact("Model", "own")
    old = world.run("old", [shared, own])
    world.run("young", [shared])
    store = Aged(Store(workspace.metadata), {"old": 100.0, "young": 300.0})
    actual = find_old(workspace, store, before=200.0)
    assert [item.path.name for item in actual] == ["own", str(old)]
    assert find_old(workspace, store, before=100.0) == []


def test_find_old_keeps_the_run_that_made_the_live_model(
    world: World, workspace: Workspace
) -> None:
    for version in "12":
        push(workspace, version)
    world.run("one", [world.artifact("PushedModel", "a", "1")])
    world.run("two", [world.artifact("PushedModel", "b", "2")])
    store = Aged(Store(workspace.metadata), {"one": 0.0, "two": 1.0})
    assert [i.path.name for i in find_old(workspace, store, 10.0) if i.artifact] == ["a"]
    roll_back(workspace, "1", "complaints")
    assert live_origin(workspace) == "1"
    assert [i.path.name for i in find_old(workspace, store, 10.0) if i.artifact] == ["b"]


def test_find_old_leaves_alone_what_is_elsewhere(
    world: World, workspace: Workspace, tmp_path: Path
) -> None:
    foreign = tmp_path / "elsewhere"
    foreign.mkdir()
    id_ = world.store.put_artifacts(
        [mlmd.Artifact(type_id=world.types["Model"], uri=str(foreign))]
    )[0]
    world.run("old", [id_])
    store = Aged(Store(workspace.metadata), {"old": 0.0})
    assert [item for item in find_old(workspace, store, 10.0) if item.artifact] == []


def test_clean_removes_and_marks(world: World, workspace: Workspace) -> None:
    model = world.artifact("Model", "m")
    world.run("old", [model])
    assert clean(workspace, older_than=-60.0, keep=None, dry_run=False) == 0
    assert not world.folder(model).exists()
    assert world.state(model) == DELETED
    # What was run stays readable.
    assert [run.name for run in Store(workspace.metadata).runs()] == ["old"]


def test_clean_by_age_keeps_what_is_younger(world: World, workspace: Workspace) -> None:
    model = world.artifact("Model", "m")
    world.run("new", [model])
    clean(workspace, older_than=3600.0, keep=None, dry_run=False)
    assert world.folder(model).exists()
    assert world.state(model) == mlmd.Artifact.State.LIVE


def test_clean_dry_run_only_lists_with_sizes(
    world: World,
    workspace: Workspace,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(cleaning, "megabytes", lambda count: f"{count} bytes")
    for version in "12":
        push(workspace, version)
    model = world.artifact("Model", "m")
    world.run("old", [model])
    clean(workspace, older_than=-60.0, keep=1, dry_run=True)
    out = capsys.readouterr().out
    # saved_model.pb holds the version's name, 1 byte; the variables "index" and "data".
    assert re.search(r"version +10 bytes +serving_model/p/1 *\n", out)
    assert re.search(r"Model +1000 bytes +artifacts/p/Node/out/m *\n", out)
    assert "3 folders, 1010 bytes, would be removed (dry run)" in out
    assert world.folder(model).exists()
    assert (workspace.serving / "1").exists()


def test_clean_by_age_takes_what_was_set_aside(workspace: Workspace) -> None:
    workspace.create()
    aside = workspace.artifacts.with_name("p.orphaned-1")
    other = workspace.artifacts.with_name("q.orphaned-1")
    for folder in (aside, other):
        (folder / "Node").mkdir(parents=True)
    clean(workspace, older_than=None, keep=None, dry_run=False)
    clean(workspace, older_than=3600.0, keep=None, dry_run=False)
    assert aside.exists()
    clean(workspace, older_than=-60.0, keep=None, dry_run=False)
    assert not aside.exists()
    assert other.exists()


def test_clean_keeps_as_many_versions_as_the_newest_run_said(
    workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    push(workspace, "1")
    push(workspace, "2")
    push(workspace, "3", config={"retention": {"keep_versions": 2}})
    clean(workspace, older_than=None, keep=None, dry_run=False)
    assert sorted(path.name for path in workspace.serving.iterdir()) == ["2", "3"]
    assert "1 folder, " in capsys.readouterr().out


def test_clean_waits_for_no_run(workspace: Workspace) -> None:
    workspace.create()
    with workspace.lock(), pytest.raises(BusyError):
        clean(Workspace(workspace.root, "p"), None, None, False)


def test_clean_with_a_damaged_database_says_so(workspace: Workspace) -> None:
    workspace.create()
    workspace.metadata.write_bytes(b"junk" * 4096)
    with pytest.raises(ConfigError, match="is damaged"):
        clean(workspace, older_than=0.0, keep=None, dry_run=True)

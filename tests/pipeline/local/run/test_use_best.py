from __future__ import annotations

from pathlib import Path

import pytest
from ml_metadata.metadata_store import metadata_store
from ml_metadata.proto import metadata_store_pb2
from tfx.orchestration.pipeline import Pipeline

from components.errors import ConfigError
from pipeline import graph
from pipeline.config.settings import load_config
from pipeline.local.run.settings import read_settings
from pipeline.local.run.use_best import check_best, use_best
from pipeline.local.workspace.metadata import DELETED
from pipeline.local.workspace.workspace import Workspace


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    created = Workspace(tmp_path, "movielens")
    created.create()
    return created


def record(workspace: Workspace, *folders: Path, gone: tuple[Path, ...] = ()) -> None:
    """Writes HyperParameters to ML Metadata, oldest first."""
    config = metadata_store_pb2.ConnectionConfig()
    config.sqlite.filename_uri = str(workspace.metadata)
    config.sqlite.connection_mode = (
        metadata_store_pb2.SqliteMetadataSourceConfig.READWRITE_OPENCREATE
    )
    store = metadata_store.MetadataStore(config)
    kind = store.put_artifact_type(metadata_store_pb2.ArtifactType(name="HyperParameters"))
    for folder in folders:
        artifact = metadata_store_pb2.Artifact(type_id=kind, uri=str(folder))
        if folder in gone:
            artifact.state = DELETED
        store.put_artifacts([artifact])


def found(folder: Path) -> Path:
    folder.mkdir()
    (folder / "best_hyperparameters.txt").write_text("{}")
    return folder


def test_use_best_takes_the_newest_that_is_there(workspace: Workspace, tmp_path: Path) -> None:
    old, new, deleted = (found(tmp_path / name) for name in ("old", "new", "deleted"))
    record(workspace, old, new, deleted, tmp_path / "missing", gone=(deleted,))
    config = use_best(load_config(assignments=["tuner.trials=5"]), workspace)
    assert config.tuner.best_from == str(new)
    assert config.tuner.trials == 0


def test_use_best_refuses_where_nothing_was_found(workspace: Workspace) -> None:
    with pytest.raises(ConfigError, match="--tune N"):
        use_best(load_config(), workspace)


def nodes(tmp_path: Path, *assignments: str) -> dict[str, object]:
    inputs = graph.Inputs(str(tmp_path), "schema.pbtxt", str(tmp_path / "serving"))
    config = load_config(assignments=assignments)
    created: Pipeline = graph.create_pipeline("movielens", str(tmp_path), config, inputs)
    return {component.id: component for component in created.components}


@pytest.mark.parametrize(
    ("assignment", "source"),
    [("tuner.trials=2", "Tuner"), ("tuner.best_from=/found/7", "BestHyperparameters")],
)
def test_graph_gives_the_trainer_what_was_found(
    tmp_path: Path, assignment: str, source: str
) -> None:
    created = nodes(tmp_path, assignment)
    assert created["Trainer"].inputs["hyperparameters"].producer_component_id == source
    assert len({"Tuner", "BestHyperparameters"} & created.keys()) == 1
    # The report tells of a search that is part of the run.
    assert ("tuner_results" in created["Report"].inputs) is (source == "Tuner")


def test_graph_has_no_tuner_unless_asked(tmp_path: Path) -> None:
    created = nodes(tmp_path)
    assert not {"Tuner", "BestHyperparameters"} & created.keys()
    assert "hyperparameters" not in created["Trainer"].inputs


def test_option_tune_is_a_setting() -> None:
    import local_runner

    arguments = local_runner.build_parser().parse_args(["--tune", "7"])
    assert read_settings(arguments).tuner.trials == 7


@pytest.mark.parametrize(
    "content",
    ["", "x", "{}", '{"values": 3}', '{"values": {"epoch": 3}}', '{"values": {"epochs": 0}}'],
)
def test_check_best_refuses_files_that_are_none(tmp_path: Path, content: str) -> None:
    (tmp_path / "best_hyperparameters.txt").write_text(content)
    with pytest.raises(ConfigError, match=f"tuner.best_from: {tmp_path}: hyperparameters: "):
        check_best(load_config(assignments=[f"tuner.best_from={tmp_path}"]))


def test_check_best_refuses_folders_that_are_none(tmp_path: Path) -> None:
    (tmp_path / "several").mkdir()
    for name in ("a", "b", "file"):
        (tmp_path / "several" / name).write_text('{"values": {}}')
    (tmp_path / "empty").mkdir()
    for name in ("missing", "empty", "several", "several/file", "x" * 300, "x/" * 3000):
        config = load_config(assignments=[f"tuner.best_from={tmp_path / name}"])
        with pytest.raises(ConfigError, match=r"tuner.best_from: ") as caught:
            check_best(config)
        assert len(str(caught.value)) < 1000


def test_check_best_takes_what_a_tuner_writes(tmp_path: Path) -> None:
    (tmp_path / "best_hyperparameters.txt").write_text('{"values": {"dropout": 0.5}}')
    check_best(load_config(assignments=[f"tuner.best_from={tmp_path}"]))

"""What a push on the cluster leaves in the history."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from components.errors import ConfigError
from components.evaluator.result import FILE_NAME, EvaluationResult, GateDecision
from components.served_versions.publish import publish
from pipeline.kubeflow.step import push_record
from pipeline.kubeflow.step.push_record import Figures, recorded, take_figures
from pipeline.local.workspace import history
from pipeline.local.workspace.versions import list_versions
from pipeline.local.workspace.workspace import Workspace
from tests.pipeline.local.synthetic import write_model

RESULT = EvaluationResult(
    metrics={"top_100_accuracy": 0.25},
    decisions=[GateDecision("top_100_accuracy", 0.25, 0.2, True, "enough")],
)
SUMMARY = {"ratings": 9, "first_timestamp": 0, "last_timestamp": 86400, "spans": [], "warnings": []}


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """The volume."""
    return Workspace(tmp_path / "volume", "movielens")


@pytest.fixture
def figures(tmp_path: Path) -> Figures:
    """What ExampleGen and the Evaluator left."""
    for name in ("examples", "metrics"):
        (tmp_path / name).mkdir()
    (tmp_path / "examples" / "summary.json").write_text(json.dumps(SUMMARY))
    (tmp_path / "metrics" / FILE_NAME).write_text(json.dumps(asdict(RESULT)))
    return Figures(str(tmp_path / "examples"), str(tmp_path / "metrics"))


def values(workspace: Workspace) -> dict[str, Any]:
    destination = {"filesystem": {"base_directory": str(workspace.serving)}}
    return {"push_destination": json.dumps(destination)}


def test_push_is_in_the_history_of_local_runs(
    workspace: Workspace, figures: Figures, tmp_path: Path
) -> None:
    model = write_model(tmp_path / "model")
    with recorded(str(workspace.root), values(workspace), figures):
        name, path = publish(model, workspace.serving)
    (version,) = list_versions(workspace)
    entry = version.entry
    assert (version.name, version.live) == (name, True)
    assert entry["pushed"] == {"version": name, "path": str(path)}
    assert entry["metrics"] == {"model": {"top_100_accuracy": 0.25}}
    assert entry["data"]["last_timestamp"] == 86400
    assert entry["gate"][0]["passed"] is True
    assert list(workspace.intents.glob("*")) == []


def test_nothing_is_recorded_where_nothing_is_pushed(
    workspace: Workspace, figures: Figures
) -> None:
    with recorded(str(workspace.root), values(workspace), figures):
        pass
    assert history.read_entries(workspace.history) == []


def test_push_that_ends_before_its_record_is_recorded_by_the_next(
    workspace: Workspace, figures: Figures, tmp_path: Path
) -> None:
    first, second = write_model(tmp_path / "one"), write_model(tmp_path / "two")

    def killed() -> None:
        with recorded(str(workspace.root), values(workspace), figures):
            publish(first, workspace.serving)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        killed()
    assert history.read_entries(workspace.history) == []
    with recorded(str(workspace.root), values(workspace), figures):
        publish(second, workspace.serving)
    assert [bool(version.entry) for version in list_versions(workspace)] == [True, True]


def test_nothing_is_pushed_that_could_not_be_recorded(
    workspace: Workspace, figures: Figures, tmp_path: Path
) -> None:
    workspace.history.mkdir(parents=True)  # a folder stands in the place of the file
    with (
        pytest.raises(ConfigError, match="nothing was pushed"),
        recorded(str(workspace.root), values(workspace), figures),
    ):
        publish(write_model(tmp_path / "model"), workspace.serving)
    assert list(workspace.serving.iterdir()) == []


def test_take_figures_leaves_the_inputs_of_tfx() -> None:
    def artifact(uri: str) -> dict[str, Any]:
        return {"artifacts": [{"uri": uri}]}

    inputs = {
        "model": artifact("minio://b/model"),
        "recorded_examples": artifact("minio://b/examples"),
        "recorded_metrics": artifact("s3://b/metrics"),
    }
    message = {"inputs": {"artifacts": inputs}}
    assert take_figures(message) == Figures("/minio/b/examples", "/s3/b/metrics")
    assert list(inputs) == ["model"]
    assert take_figures(message) is None


def test_step_without_a_history_records_nothing(workspace: Workspace, tmp_path: Path) -> None:
    with push_record.recorded("", values(workspace), None):
        publish(write_model(tmp_path / "model"), workspace.serving)
    assert not workspace.history.exists()

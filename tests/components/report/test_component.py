from __future__ import annotations

import json
from pathlib import Path

import pytest
from tfx.dsl.io import fileio
from tfx.types import artifact_utils, standard_artifacts

from components.artifacts import Html, Metrics
from components.evaluator import result
from components.live_model import artifact as live_artifact
from components.report import component
from components.report.component import Report
from components.report.config import ReportConfig


@pytest.fixture
def inputs(tmp_path: Path) -> component.Artifacts:
    """One artifact of each input, empty but for a verdict that refuses."""
    actual = {}
    for number, (key, channel) in enumerate(Report.SPEC_CLASS.INPUTS.items(), 1):
        artifact = channel.type()
        artifact.uri, artifact.id = str(tmp_path / key), number
        fileio.makedirs(artifact.uri)
        actual[key] = [artifact]
    for key, splits in (
        ("examples", ["train", "eval"]),
        ("movies", ["movies"]),
        ("anomalies", ["train"]),
    ):
        actual[key][0].split_names = artifact_utils.encode_split_names(splits)
    for key, folder in (("examples", "Split-train"), ("examples", "Split-eval")):
        (tmp_path / key / folder).mkdir()
    (tmp_path / "movies" / "Split-movies").mkdir()
    live_artifact.mark_absent(actual["live_model"][0])
    refused = result.GateDecision(
        name="top", value=0.1, threshold=0.2, passed=False, reason="too low"
    )
    result.write(
        result.EvaluationResult({"top_100_accuracy": 0.1}, {}, [refused]), actual["metrics"][0]
    )
    return actual


def test_do_writes_page_of_refused_model_as_only_file(
    inputs: component.Artifacts, tmp_path: Path
) -> None:
    page = Html()
    page.uri = str(tmp_path / "page")
    component.Executor().Do(
        inputs,
        {"page": [page]},
        {"pipeline": "demo", "config": ReportConfig().to_json()},
    )
    assert [path.name for path in (tmp_path / "page").iterdir()] == [component.PAGE_FILE]
    html = (tmp_path / "page" / component.PAGE_FILE).read_text(encoding="utf-8")
    assert "Refused: this model is not pushed" in html
    assert "too low" in html


def test_list_artifacts_has_types_ids_and_addresses(inputs: component.Artifacts) -> None:
    actual = {one.key: one for one in component.list_artifacts(inputs)}
    assert set(actual) == set(Report.SPEC_CLASS.INPUTS)
    assert actual["metrics"].type == Metrics.TYPE_NAME
    assert actual["examples"].type == standard_artifacts.Examples.TYPE_NAME
    assert actual["examples"].uri.endswith("/examples")
    assert sorted(one.id for one in actual.values()) == list(range(1, len(actual) + 1))


@pytest.mark.parametrize(
    ("uri", "address"),
    [
        ("/minio/bucket/a", "minio://bucket/a"),
        ("/gcs/bucket/a", "gs://bucket/a"),
        ("s3://bucket/a", "s3://bucket/a"),
        ("/home/minio/a", "/home/minio/a"),
    ],
)
def test_public_address_of_pods_folder_is_the_bucket(uri: str, address: str) -> None:
    assert component.public_address(uri) == address


def test_config_survives_the_round_trip() -> None:
    config = ReportConfig(sample_users=0, list_length=3)
    assert ReportConfig.model_validate_json(config.to_json()) == config
    assert json.loads(config.to_json())["list_length"] == 3

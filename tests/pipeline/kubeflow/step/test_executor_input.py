"""What the launcher sends is made fit for TFX."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from components.errors import DataError
from pipeline.kubeflow.step import executor_input

EXAMPLES = {"instanceSchema": "title: tfx.Examples\ntype: object\n"}
SPEC = {"artifacts": {"examples": {"artifactType": EXAMPLES}}}


def message(**metadata: Any) -> dict[str, Any]:
    def one(uri: str, kind: dict[str, str]) -> dict[str, Any]:
        return {"artifacts": [{"uri": uri, "type": kind, "metadata": dict(metadata)}]}

    return {
        "inputs": {"artifacts": {"examples": one("minio://b/in", {"instanceSchema": ""})}},
        "outputs": {
            "artifacts": {
                "metrics": one("minio://b/out", {"schemaTitle": "system.Metrics"}),
                "executor-logs": one("minio://b/logs", {"schemaTitle": "system.Artifact"}),
            },
            "outputFile": "/tmp/kfp_outputs/output_metadata.json",
        },
    }


def the_input(sent: dict[str, Any]) -> dict[str, Any]:
    return sent["inputs"]["artifacts"]["examples"]["artifacts"][0]


def the_output(sent: dict[str, Any]) -> dict[str, Any]:
    return sent["outputs"]["artifacts"]["metrics"]["artifacts"][0]


def test_drop_injected_keeps_what_is_tfx_s() -> None:
    sent = message(display_name="x", store_session_info="{}", span=1.0)
    executor_input.drop_injected(sent)
    assert list(sent["outputs"]["artifacts"]) == ["metrics"]
    assert the_input(sent)["metadata"] == {"span": 1.0}


def test_fill_types_takes_them_from_the_component() -> None:
    sent = message()
    executor_input.fill_types(sent, SPEC)
    assert the_input(sent)["type"] == EXAMPLES


def test_fill_types_where_the_launcher_sends_no_type_at_all() -> None:
    sent = message()
    del the_input(sent)["type"]
    executor_input.fill_types(sent, SPEC)
    assert the_input(sent)["type"] == EXAMPLES


def test_name_classes_names_importable_classes() -> None:
    from tfx.utils import import_utils

    sent = message()
    executor_input.name_classes(sent)
    schema = the_output(sent)["type"]["instanceSchema"]
    assert schema.startswith("title: components.artifacts.Metrics\n")
    for title, path in executor_input.CLASSES.items():
        assert title == import_utils.import_class_by_path(path).TYPE_NAME


@pytest.mark.parametrize(
    ("uri", "path"),
    [
        ("minio://b/x", "/minio/b/x"),
        ("s3://b/x", "/s3/b/x"),
        ("gs://b/x", "/gcs/b/x"),
        ("/mnt/x", "/mnt/x"),
    ],
)
def test_to_local_is_the_launcher_s_place(
    uri: str, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(executor_input.ROOT_VARIABLE, raising=False)
    assert executor_input.to_local(uri) == path


def test_map_uris_tells_the_way_back() -> None:
    sent = message()
    remote = executor_input.map_uris(sent)
    assert the_output(sent)["uri"] == "/minio/b/out"
    assert remote["/minio/b/out"] == "minio://b/out"
    assert remote["/minio/b/in"] == "minio://b/in"


def test_check_inputs_refuses_what_is_gone(tmp_path: Path) -> None:
    sent = message()
    the_input(sent)["uri"] = str(tmp_path)
    with pytest.raises(DataError, match="'examples' of Trainer is empty"):
        executor_input.check_inputs(sent, "Trainer")
    (tmp_path / "file").touch()
    executor_input.check_inputs(sent, "Trainer")


def test_check_inputs_takes_what_is_absent_by_intention(tmp_path: Path) -> None:
    sent = message(absent=1.0)
    the_input(sent)["uri"] = str(tmp_path / "none")
    executor_input.check_inputs(sent, "Evaluator")


def test_absent_is_how_live_model_marks_it() -> None:
    from components.live_model import artifact

    assert executor_input.ABSENT == artifact.ABSENT


def test_make_folders_makes_empty_inputs_again(tmp_path: Path) -> None:
    sent = message()
    the_input(sent)["uri"] = str(tmp_path / "in")
    sent["outputs"]["artifacts"].pop("executor-logs")
    the_output(sent)["uri"] = str(tmp_path / "out")
    sent["outputs"]["outputFile"] = str(tmp_path / "meta" / "output_metadata.json")
    executor_input.make_folders(sent)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in", "meta", "out"]


def test_map_uris_keeps_what_workers_elsewhere_read(tmp_path: Path) -> None:
    sent = message()
    the_input(sent)["uri"] = the_output(sent)["uri"] = "gs://b/in"
    sent["outputs"]["outputFile"] = str(tmp_path / "out.json")
    sent["outputs"]["artifacts"].pop("executor-logs")
    assert executor_input.map_uris(sent, ("gs://",)) == {}
    assert the_input(sent)["uri"] == "gs://b/in"
    executor_input.check_inputs(sent, "StatisticsGen")
    executor_input.make_folders(sent)
    assert list(tmp_path.iterdir()) == []

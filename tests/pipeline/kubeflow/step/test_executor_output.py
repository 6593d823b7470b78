"""What TFX leaves is made fit for Kubeflow."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pipeline.kubeflow.step import executor_output


def message(artifact: dict[str, Any]) -> dict[str, Any]:
    return {"artifacts": {"examples": {"artifacts": [artifact]}}}


def test_read_of_no_file_is_empty(tmp_path: Path) -> None:
    assert executor_output.read(str(tmp_path / "none")) == {}


def test_write_then_read(tmp_path: Path) -> None:
    path = str(tmp_path / "folder" / "file")
    executor_output.write({"a": 1}, path)
    assert executor_output.read(path) == {"a": 1}


def test_map_uris_back_also_in_metadata() -> None:
    artifact = {"uri": "/minio/b", "metadata": {"m": "/minio/m"}}
    remote = {"/minio/b": "minio://b", "/minio/m": "minio://m"}
    executor_output.map_uris_back(message(artifact), remote)
    assert artifact == {"uri": "minio://b", "metadata": {"m": "minio://m"}}


def test_drop_nulls_keeps_zero_and_empty_text() -> None:
    artifact = {"metadata": {"a": None, "b": 0, "c": ""}}
    executor_output.drop_nulls(message(artifact))
    assert artifact["metadata"] == {"b": 0, "c": ""}


def test_merge_metadata_lets_the_executor_win() -> None:
    artifact = {"metadata": {"a": 1, "split": "x"}}
    executor_output.merge_metadata(message(artifact), message({"metadata": {"span": 3, "a": 0}}))
    assert artifact["metadata"] == {"a": 1, "split": "x", "span": 3}


def test_pages_to_files_puts_the_page_in_place_of_its_folder(tmp_path: Path) -> None:
    folder = tmp_path / "page"
    folder.mkdir()
    (folder / "report.html").write_text("<p>")
    executor_output.pages_to_files([str(folder)])
    assert folder.read_text() == "<p>"
    assert [path.name for path in tmp_path.iterdir()] == ["page"]


def test_pages_to_files_leaves_a_folder_of_more(tmp_path: Path) -> None:
    folder = tmp_path / "page"
    folder.mkdir()
    (folder / "a.html").touch()
    (folder / "b.png").touch()
    executor_output.pages_to_files([str(folder), str(tmp_path / "none")])
    assert folder.is_dir()

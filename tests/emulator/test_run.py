"""The compiled graph, run task by task as Kubeflow would, from rating files to a pushed model."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from pipeline.local.workspace.versions import list_versions
from pipeline.local.workspace.workspace import Workspace
from tests.emulator.backend import (
    CACHED,
    FAILED,
    SKIPPED,
    SUCCEEDED,
    Execution,
    Run,
    cache_key,
    kill,
)
from tests.emulator.conftest import RUN_PARAMETERS, Cluster

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

BEFORE_LIVE_MODEL = (
    "ExampleGen",
    "SchemaGen",
    "StatisticsGen",
    "ExampleValidator",
    "Transform",
    "Trainer",
    "ServingCheck",
)


def states(run: Run) -> dict[str, str]:
    return {task: execution.state for task, execution in run.items()}


def told(run: Run) -> str:
    """What a person would look at after a failure."""
    failed = [execution for execution in run.values() if execution.state == FAILED]
    return "\n".join(f"{e.task}: {e.reason}\n{e.log[-3000:]}" for e in failed)


def finished(run: Run, *names: str) -> dict[str, Execution]:
    return {name: run[name] for name in names}


def run_again(
    cluster: Cluster, earlier: Mapping[str, Execution], run_parameters: Mapping[str, object]
) -> Run:
    return cluster.backend.run(
        cluster.uploaded, {**RUN_PARAMETERS, **run_parameters}, reuse=earlier
    )


def test_first_run_pushes_a_model(cluster: Cluster, first: Run) -> None:
    assert set(states(first).values()) == {SUCCEEDED}, told(first)
    assert len(cluster.versions()) >= 1
    version = cluster.volume / "serving_model" / "movielens" / cluster.versions()[0]
    assert (version / "saved_model.pb").is_file()


def test_push_is_in_the_history_beside_the_versions(cluster: Cluster, first: Run) -> None:
    (version, *_) = list_versions(Workspace(cluster.volume, "movielens"))
    shown = first["Evaluator"].outputs["metrics"].properties
    figures = version.entry["metrics"]["model"]
    assert figures["unseen_top_100_accuracy"] == shown["unseen_top_100_accuracy"]
    assert version.entry["data"]["ratings"] == 24_000


def test_first_run_has_no_live_model(first: Run) -> None:
    assert first["LiveModel"].outputs["model"].properties["absent"] == 1
    assert "live_top_100_accuracy" not in first["Evaluator"].outputs["metrics"].properties


def test_first_run_shows_figures_and_verdict(first: Run) -> None:
    shown = first["Evaluator"].outputs["metrics"]
    assert shown.type == "system.Metrics"
    assert 0 < shown.properties["unseen_top_100_accuracy"] <= 1
    assert 0 < shown.properties["popularity_top_100_accuracy"] <= 1
    assert shown.properties["gate"] == "passed"
    assert first["Gate"].outputs["verdict"].properties["verdict"] == "passed"


def test_first_run_shows_the_report_as_one_file(cluster: Cluster, first: Run) -> None:
    page = first["Report"].outputs["page"]
    assert page.type == "system.HTML"
    file = cluster.backend.files(page)
    assert file.is_file()
    assert "<html" in file.read_text(encoding="utf-8")[:2000].lower()


def test_first_run_records_the_data(first: Run) -> None:
    examples = first["ExampleGen"].outputs["examples"].properties
    assert examples["span"] == 0
    assert "ratings.dat" in examples["input_fingerprint"]
    assert examples["split_names"] == '["train", "eval"]'


def test_no_metadata_names_a_path_of_a_pod(cluster: Cluster, first: Run) -> None:
    assert first["Gate"].state == SUCCEEDED
    for artifact in cluster.backend.artifacts:
        assert artifact.uri.startswith("minio://")
        for value in artifact.properties.values():
            assert str(cluster.backend.root) not in str(value)


def test_steps_are_cached_by_inputs_and_those_that_look_outside_are_not(
    cluster: Cluster, first: Run
) -> None:
    # SchemaGen's inputs are constant: the driver would find its earlier execution.
    run_parameters = {
        name: field["defaultValue"] for name, field in _run_parameters(cluster).items()
    }
    resolved = cluster.backend.resolve(
        cluster.uploaded, "SchemaGen", run_parameters, Run(), "run-2"
    )
    assert cache_key(cluster.uploaded, "SchemaGen", resolved) in cluster.backend.cache
    enabled = {
        name
        for name, task in cluster.uploaded.tasks.items()
        if task.get("cachingOptions", {}).get("enableCache")
    }
    assert not enabled & {"ExampleGen", "LiveModel", "Gate", "Pusher"}
    assert {"StatisticsGen", "Transform", "Trainer"} <= enabled


def test_second_run_compares_with_the_live_model(cluster: Cluster, first: Run) -> None:
    before = cluster.versions()
    run = run_again(cluster, finished(first, *BEFORE_LIVE_MODEL, "Report"), {})
    assert states(run)["Pusher"] == SUCCEEDED, told(run)
    assert states(run)["Trainer"] == CACHED
    assert run["LiveModel"].outputs["model"].properties["version"] == before[-1]
    shown = run["Evaluator"].outputs["metrics"].properties
    # The live model is the same model: the same figure.
    assert shown["live_top_100_accuracy"] == pytest.approx(shown["top_100_accuracy"])
    # It is the live model, to the byte: a version of its own would be the same again.
    assert cluster.versions() == before


def test_refused_model_fails_the_gate_with_the_reason(cluster: Cluster, first: Run) -> None:
    before = cluster.versions()
    run_parameters = {"min_top_100_accuracy": 0.99}
    earlier = finished(first, *BEFORE_LIVE_MODEL, "LiveModel", "Report")
    run = run_again(cluster, earlier, run_parameters)
    assert states(run)["Evaluator"] == SUCCEEDED, told(run)
    assert states(run)["Gate"] == FAILED
    assert states(run)["Pusher"] == SKIPPED
    assert run["Gate"].attempts == 1
    assert "refused and not pushed: top_100_accuracy is" in run["Gate"].reason
    assert "at least 0.9900 is required" in run["Gate"].reason
    # The figures of the refused model are there to be looked at.
    assert run["Evaluator"].outputs["metrics"].properties["gate"].startswith("refused: ")
    assert cluster.versions() == before


@pytest.fixture
def killed_once(cluster: Cluster) -> Iterator[list[str]]:
    """Kills the first attempt of SchemaGen, as an eviction does."""
    killed: list[str] = []

    def hook(task: str, attempt: int, process: subprocess.Popen[bytes]) -> None:
        if task == "SchemaGen" and attempt == 0:
            killed.append(task)
            kill(process)

    cluster.backend.on_attempt = hook
    kept, cluster.backend.cache = cluster.backend.cache, {}
    yield killed
    cluster.backend.on_attempt, cluster.backend.cache = None, kept


def test_task_that_is_killed_once_is_started_again(
    cluster: Cluster, first: Run, killed_once: list[str]
) -> None:
    earlier = {name: first[name] for name in first if name != "SchemaGen"}
    run = run_again(cluster, earlier, {})
    assert killed_once == ["SchemaGen"]
    assert (run["SchemaGen"].state, run["SchemaGen"].attempts) == (SUCCEEDED, 2), told(run)
    assert any(cluster.backend.files(run["SchemaGen"].outputs["schema"]).rglob("*.pbtxt"))


def test_missing_input_is_named(cluster: Cluster, first: Run, tmp_path: Path) -> None:
    statistics = cluster.backend.files(first["StatisticsGen"].outputs["statistics"])
    aside = tmp_path / "statistics"
    statistics.rename(aside)
    kept, cluster.backend.cache = cluster.backend.cache, {}
    try:
        earlier = finished(first, "ExampleGen", "SchemaGen", "StatisticsGen", "LiveModel")
        run = run_again(cluster, earlier, {})
    finally:
        aside.rename(statistics)
        cluster.backend.cache = kept
    assert states(run)["ExampleValidator"] == FAILED
    assert "'statistics' of ExampleValidator is empty" in run["ExampleValidator"].reason
    assert states(run)["Pusher"] == SKIPPED


def test_wrong_field_of_the_form_fails_the_first_step_with_the_reason(
    cluster: Cluster, first: Run
) -> None:
    earlier = {name: first[name] for name in first if name != "ExampleGen"}
    run = run_again(cluster, earlier, {"preset": "notebok-32"})
    assert states(run)["ExampleGen"] == FAILED
    assert "did you mean notebook-32?" in run["ExampleGen"].reason
    assert run["ExampleGen"].attempts == 3


def test_old_place_of_the_output_file_and_data_in_spans(cluster: Cluster, first: Run) -> None:
    """Kubeflow before 2.15 has the output file elsewhere; and the data may be in spans."""
    for span in ("span-6", "span-7"):
        folder = cluster.volume / "spans" / span
        folder.mkdir(parents=True)
        for file in (cluster.volume / "data").glob("*.dat"):
            (folder / file.name).write_bytes(file.read_bytes())
    earlier = {name: first[name] for name in first if name != "ExampleGen"}
    root = _run_parameters(cluster)["data_root"]["defaultValue"].removesuffix("data") + "spans"
    cluster.backend.new_output_file = False
    try:
        run_parameters = {"data_root": root, "span_window": "1"}
        run = run_again(cluster, earlier, run_parameters)
    finally:
        cluster.backend.new_output_file = True
    assert states(run)["ExampleGen"] == SUCCEEDED, told(run)
    examples = run["ExampleGen"].outputs["examples"].properties
    assert examples["span"] == 7
    # A window of one span: the other folder is not read.
    assert "span-6" not in examples["input_fingerprint"]


def _run_parameters(cluster: Cluster) -> dict[str, dict[str, object]]:
    return cluster.uploaded.spec["root"]["inputDefinitions"]["parameters"]

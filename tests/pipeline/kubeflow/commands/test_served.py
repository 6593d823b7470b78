"""Commands on the served folder: what run they ask for, and what they show of its answer."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import kubeflow_runner
from pipeline.kubeflow.launcher import ANSWER_BEGIN, ANSWER_END
from pipeline.kubeflow.served import answer
from tests.pipeline.kubeflow.package import PACKAGE
from tests.pipeline.kubeflow.stand_in import State, serve


@pytest.fixture
def server(home: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[State]:
    """A cluster, found by the environment."""
    with serve() as (address, state):
        monkeypatch.setenv("KF_PIPELINES_ENDPOINT", address)
        monkeypatch.setenv("COLUMNS", "90")
        yield state


def run(command: str, *arguments: str) -> int:
    return kubeflow_runner.main([command, "--package", "p.yaml", *arguments])


def parts(started: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Returns the container of a run of one step, and the platform's part of it."""
    (executor,) = started["pipeline_spec"]["pipeline_spec"]["deploymentSpec"]["executors"].values()
    platform = started["pipeline_spec"]["platform_spec"]["platforms"]["kubernetes"]
    (entry,) = platform["deploymentSpec"]["executors"].values()
    return executor["container"], entry


def test_rollback_is_a_run_of_one_step_on_the_volume(
    server: State, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("rollback", "--reason", "it's bad", "22") == 0
    (started,) = server.runs
    container, entry = parts(started)
    assert started["runtime_config"]["parameters"] == {
        "arguments": """'--reason=it'"'"'s bad' -- 22"""
    }
    assert started["runtime_config"]["pipeline_root"] == "minio://mlpipeline/v2/artifacts"
    assert container["image"] == "registry.example/recommender:1"
    assert container["command"] == ["python", "-m", "pipeline.kubeflow.step.served_command"]
    assert container["args"] == [
        *("rollback", "--destination", "/mnt/recommender/serving_model/movielens"),
        *("--root", "/mnt/recommender", "--columns", "90", "--executor_input", "{{$}}"),
    ]
    assert container["resources"]["memoryLimit"] == 4.0
    assert entry["pvcMount"] == [{"constant": "recommender", "mountPath": "/mnt/recommender"}]
    assert entry["nodeSelector"] == {"labels": {"pool": "small"}}
    assert capsys.readouterr().out == """said of '--reason=it'"'"'s bad' -- 22\n"""


def test_a_rollback_is_tried_once_and_never_taken_from_a_cache(server: State) -> None:
    run("rollback", "--reason", "bad")
    (task,) = server.runs[0]["pipeline_spec"]["pipeline_spec"]["root"]["dag"]["tasks"].values()
    assert task["cachingOptions"] == {}
    assert "retryPolicy" not in task


def test_recommend_has_the_memory_of_the_evaluator_and_the_volumes_of_its_files(
    server: State,
) -> None:
    text = PACKAGE.replace(
        "pvcMount: [{constant: recommender",
        "pvcMount: [{constant: lists, mountPath: /mnt/lists}, {constant: recommender",
        1,
    )
    Path("p.yaml").write_text(text)
    assert run("recommend", "--users=/mnt/lists/u.txt", "--output=/mnt/recommender/r", "--k=5") == 0
    container, entry = parts(server.runs[0])
    assert container["resources"]["memoryLimit"] == 8.0
    assert [mount["mountPath"] for mount in entry["pvcMount"]] == ["/mnt/lists", "/mnt/recommender"]
    assert run("models") == 0
    _, entry = parts(server.runs[1])
    assert [mount["mountPath"] for mount in entry["pvcMount"]] == ["/mnt/recommender"]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (["rollback", "--reason", "{{workflow.name}}"], "'{{', which Kubeflow reads as a template"),
        (["recommend", "--users=1", "--output=here"], "--output: 'here' is relative"),
        (["recommend", "--users=1", "--output=/elsewhere/r"], "on no volume of the cluster"),
        (["recommend", "--users=p.yaml", "--output=/mnt/recommender/r"], "file of this machine"),
        (["recommend", "--users=/u", "--output=/mnt/recommender/r"], "'/u' is on no volume"),
        (["recommend", "--users=1", "--output=/mnt/recommender/r", "--k=0"], "from 1 to 100"),
    ],
)
def test_what_cannot_work_is_refused_before_the_cluster_is_asked(
    server: State, capsys: pytest.CaptureFixture[str], line: list[str], said: str
) -> None:
    try:
        code = run(*line)
    except SystemExit as ended:  # the parser's own answer
        code = ended.code if isinstance(ended.code, int) else 1
    assert code == 2
    assert said in capsys.readouterr().err
    assert server.requests == []


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("constant: /mnt/recommender/serving", "constants: /mnt", "no step LiveModel says where"),
        ("/mnt/recommender/serving_model/m", "/mnt/other/m", "which is on no volume"),
        ("executorLabel: Pusher_executor", "label: x", "is not what"),
        ("defaultPipelineRoot: ", "otherRoot: ", "is not what"),
        ("      Pusher: {c", "      Other: {c", "there is no step Pusher"),
    ],
)
def test_package_that_lacks_something_is_refused(
    server: State, capsys: pytest.CaptureFixture[str], old: str, new: str, said: str
) -> None:
    assert old in PACKAGE
    Path("p.yaml").write_text(PACKAGE.replace(old, new))
    assert run("rollback", "--reason", "bad") == 2
    assert said in capsys.readouterr().err
    assert server.requests == []


@pytest.mark.parametrize(
    ("destination", "root"),
    [
        ("/mnt/recommender/serving_model/movielens", "/mnt/recommender"),
        ("/mnt/recommender/models/movielens", "/mnt/recommender/models"),
        # The folder above is on no volume: the history stands with the versions' folders.
        ("/mnt/recommender/movielens", "/mnt/recommender"),
    ],
)
def test_history_is_beside_the_versions(server: State, destination: str, root: str) -> None:
    original = "/mnt/recommender/serving_model/movielens"
    Path("p.yaml").write_text(PACKAGE.replace(original, destination))
    run("models")
    container, _ = parts(server.runs[0])
    assert container["args"][container["args"].index("--root") + 1] == root


def test_failed_run_says_the_sentence_of_the_step(
    server: State, capsys: pytest.CaptureFixture[str]
) -> None:
    server.carry_out = lambda _: ("FAILED", "launching\nerror: rollback: nothing is live\n")
    assert run("rollback", "--reason", "bad") == 1
    said = capsys.readouterr().err
    assert "error: the run failed on the cluster: rollback: nothing is live; see http" in said
    assert "/#/runs/details/r0" in said


def test_failed_run_without_a_log_says_what_the_cluster_says(
    server: State, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(started: dict[str, Any]) -> tuple[str, str]:
        return "FAILED", ""

    server.carry_out = fail
    assert run("models") == 1
    assert "the run failed on the cluster: its state is FAILED" in capsys.readouterr().err


def test_answer_is_read_from_the_page_where_the_api_server_is_behind_it(
    server: State, capsys: pytest.CaptureFixture[str]
) -> None:
    pod = "r0-system-container-impl-2"
    server.refuse[f"GET /apis/v1alpha1/runs/r0/nodes/{pod}/log"] = (404, "no such path")
    assert run("models") == 0
    assert capsys.readouterr().out == "said of \n"
    assert ("GET", "/k8s/pod/logs") in server.requests


def test_answer_is_read_from_a_pod_that_is_called_as_its_node(
    server: State, capsys: pytest.CaptureFixture[str]
) -> None:
    server.name_pod = lambda run_id, kind, number: f"{run_id}-{number}"  # before Argo 3.4
    assert run("models") == 0
    assert capsys.readouterr().out == "said of \n"


def test_answer_that_cannot_be_read_is_on_the_page(
    server: State, capsys: pytest.CaptureFixture[str]
) -> None:
    server.carry_out = lambda _: ("SUCCEEDED", "")
    assert run("models") == 0
    assert "its log cannot be read from here, its answer is on http" in capsys.readouterr().out


def test_warnings_of_the_step_go_to_standard_error(
    server: State, capsys: pytest.CaptureFixture[str]
) -> None:
    log = f"Warning: history: 1 line is passed over\n{ANSWER_BEGIN}\n[]\n{ANSWER_END}\n"
    server.carry_out = lambda _: ("SUCCEEDED", log)
    assert run("models", "--json") == 0
    printed = capsys.readouterr()
    assert (printed.out, printed.err) == ("[]\n", "Warning: history: 1 line is passed over\n")
    assert server.runs[0]["runtime_config"]["parameters"] == {"arguments": "--json"}


def test_run_that_goes_on_is_left_with_its_link(
    server: State, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answer, "POLL_SECONDS", 0.01)
    server.carry_out = lambda _: ("RUNNING", "")
    assert run("models", "--wait", "1") == 1
    assert "the run has not ended after 1 s and goes on; look at http" in capsys.readouterr().err
    assert run("models", "--wait", "0") == 0
    assert "run r1: http" in capsys.readouterr().out


def test_control_characters_of_a_log_are_made_visible(
    server: State, capsys: pytest.CaptureFixture[str]
) -> None:
    log = f"{ANSWER_BEGIN}\nred \x1b[31m\n{ANSWER_END}\n"
    server.carry_out = lambda _: ("SUCCEEDED", log)
    run("models")
    assert capsys.readouterr().out == "red \\x1b[31m\n"

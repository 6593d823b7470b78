"""doctor with the real clients of kfp and Kubernetes, against servers that stand in for both."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

import kubeflow_runner
from tests.pipeline.kubeflow import kubernetes_stand_in
from tests.pipeline.kubeflow.kubernetes_stand_in import (
    ACCOUNT,
    CLAIM,
    NODES,
    REVIEWS,
    SECRET,
    Kubernetes,
)
from tests.pipeline.kubeflow.package import PACKAGE
from tests.pipeline.kubeflow.stand_in import SECRET as TOKEN
from tests.pipeline.kubeflow.stand_in import State, serve

Printed = pytest.CaptureFixture[str]


@pytest.fixture
def server(home: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[State]:
    """Kubeflow Pipelines, found by the environment."""
    with serve() as (address, state):
        monkeypatch.setenv("KF_PIPELINES_ENDPOINT", address)
        yield state


@pytest.fixture
def kubernetes(
    server: State, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Kubernetes]:
    """A cluster that has all that the package names, found by the environment."""
    with kubernetes_stand_in.serve() as state:
        state.write_kubeconfig(tmp_path / "kubeconfig")
        monkeypatch.setenv("KUBECONFIG", str(tmp_path / "kubeconfig"))
        yield state


def doctor(capsys: Printed, code: int, *arguments: str) -> str:
    """Runs the command; returns what it prints."""
    assert kubeflow_runner.main(["doctor", "--package", "p.yaml", *arguments]) == code
    printed = capsys.readouterr()
    lacks = "error: the cluster lacks what a run needs; see each `problem` above\n"
    assert printed.err == (lacks if code else "")
    assert TOKEN not in printed.out
    assert "kubernetes-secret" not in printed.out
    return printed.out


def test_all_is_well(server: State, kubernetes: Kubernetes, capsys: Printed) -> None:
    kubeflow_runner.main(["submit", "--package", "p.yaml"])
    capsys.readouterr()
    lines = doctor(capsys, 0).splitlines()
    assert lines == [
        "ok       Kubeflow Pipelines 2.16.0 answers",
        "ok       experiments can be listed: who asks is known to the cluster",
        "ok       pipeline movielens is there; its newest version is movielens",
        "ok       Kubernetes v1.30.2 answers",
        "ok       claim recommender: bound, ReadWriteMany",
        "ok       secret mlpipeline-minio-artifact: is there",
        "ok       account pipeline-runner: may do what launcher and Argo need",
        "ok       nodes: each of 3 steps has one of 1 that could run it",
        "ok       image registry.example/recommender:1: on 1 of 1 nodes",
        "in all: 9 ok",
    ]


def test_nothing_is_changed_and_no_secret_is_read(
    server: State, kubernetes: Kubernetes, capsys: Printed
) -> None:
    doctor(capsys, 0)
    assert {method for method, _ in server.requests} == {"GET"}
    posted = {path for method, path in kubernetes.requests if method != "GET"}
    assert posted == {REVIEWS}
    assert "PartialObjectMetadata" in kubernetes.accepted[SECRET]


def test_what_is_not_there_is_said_with_what_to_do(kubernetes: Kubernetes, capsys: Printed) -> None:
    for path in (CLAIM, SECRET, ACCOUNT):
        del kubernetes.objects[path]
    said = doctor(capsys, 1)
    assert "problem  claim recommender: there is none in kubeflow" in said
    assert "→ kubectl apply -n kubeflow -k deploy/storage" in said
    assert "problem  secret mlpipeline-minio-artifact: there is none in kubeflow" in said
    assert "problem  account pipeline-runner: there is none in kubeflow" in said
    assert "→ kubectl apply -n kubeflow -k deploy/pipeline" in said
    assert "3 problem" in said


@pytest.mark.parametrize(
    ("phase", "modes", "said"),
    [
        ("Pending", ["ReadWriteMany"], "note     claim recommender: Pending; it may wait"),
        ("Bound", ["ReadWriteOnce"], "note     claim recommender: bound, ReadWriteOnce"),
        ("Lost", ["ReadWriteMany"], "problem  claim recommender: its volume is lost"),
    ],
)
def test_state_of_a_claim(
    kubernetes: Kubernetes, capsys: Printed, phase: str, modes: list[str], said: str
) -> None:
    kubernetes.objects[CLAIM] = {"spec": {"accessModes": modes}, "status": {"phase": phase}}
    assert said in doctor(capsys, int(said.startswith("problem")))


@pytest.mark.parametrize("status", [401, 403])
def test_what_may_not_be_looked_at_is_unknown(
    kubernetes: Kubernetes, capsys: Printed, status: int
) -> None:
    kubernetes.status = dict.fromkeys((CLAIM, SECRET, ACCOUNT, REVIEWS, NODES), status)
    said = doctor(capsys, 0)
    for what in ("claim recommender", "secret mlpipeline", "account pipeline", "nodes"):
        assert f"unknown  {what}" in said
    assert "unknown  rights of account pipeline-runner: who asks may not know" in said
    assert "auth can-i --list --as=system:serviceaccount:kubeflow:pipeline-runner" in said


def test_rights_that_an_account_lacks_are_named(kubernetes: Kubernetes, capsys: Printed) -> None:
    kubernetes.denied = [{"verb": "patch"}, {"resource": "pods", "subresource": "log"}]
    said = doctor(capsys, 1)
    assert "account pipeline-runner: may not get pods/log, patch workflowtaskresults" in said


def test_another_account_is_asked_about(kubernetes: Kubernetes, capsys: Printed) -> None:
    said = doctor(capsys, 1, "--service-account", "recommender-pipeline")
    assert "problem  account recommender-pipeline: there is none" in said


def test_nodes_without_the_label(kubernetes: Kubernetes, capsys: Printed) -> None:
    kubernetes.node["metadata"]["labels"] = {"pool": "large"}
    said = doctor(capsys, 1)
    assert "problem  step Pusher: no node has the labels pool=small" in said
    assert "kubeflow.steps.Pusher.node_selector; a pool that is scaled to zero" in said
    assert "step Evaluator" not in said


def test_nodes_with_taints(kubernetes: Kubernetes, capsys: Printed) -> None:
    taint = {"key": "gpu", "value": "yes", "effect": "NoSchedule"}
    kubernetes.node["spec"]["taints"] = [taint]
    assert "its 1 nodes have taints, as gpu:NoSchedule" in doctor(capsys, 1)
    tolerations = [{"key": "gpu", "operator": "Equal", "value": "yes", "effect": "NoSchedule"}]
    text = PACKAGE.replace(
        "        LiveModel_executor:\n          pvc",
        f"        Evaluator_executor: {{tolerations: {tolerations}}}\n"
        f"        LiveModel_executor:\n          tolerations: {tolerations}\n          pvc",
    )
    Path("p.yaml").write_text(text)
    said = doctor(capsys, 1)
    assert "step Pusher: its 1 nodes" in said
    assert "step Evaluator" not in said
    assert "step LiveModel" not in said


def test_nodes_without_room_or_accelerator(kubernetes: Kubernetes, capsys: Printed) -> None:
    gpu = "{accelerator: {type: nvidia.com/gpu, count: '1'}, cpuRequest: 1.0"
    Path("p.yaml").write_text(PACKAGE.replace("{cpuRequest: 1.0", gpu))
    assert "no node of 1 has room for cpu 1.0, memory 2000000000.0, nvidia.com/gpu 1" in doctor(
        capsys, 1
    )
    kubernetes.node["status"]["allocatable"]["nvidia.com/gpu"] = "1"
    assert "each of 3 steps" in doctor(capsys, 0)
    kubernetes.node["status"]["allocatable"]["memory"] = "1Gi"
    assert "step Evaluator: no node of 1 has room" in doctor(capsys, 1)


def test_no_node_is_ready(kubernetes: Kubernetes, capsys: Printed) -> None:
    kubernetes.node["spec"]["unschedulable"] = True
    assert "problem  no node of 1 is ready and takes pods" in doctor(capsys, 1)


@pytest.mark.parametrize(
    ("status", "code", "said"),
    [
        (200, 0, "ok       image {image}: in its registry"),
        (404, 1, "problem  image {image}: {host} has none of that name and tag"),
        (401, 0, "unknown  image {image}: {host} wants credentials"),
        (500, 0, "unknown  image {image}: {host} answers status 500 from here"),
    ],
)
def test_image_that_no_node_has_is_looked_for_in_its_registry(
    kubernetes: Kubernetes, capsys: Printed, status: int, code: int, said: str
) -> None:
    host = kubernetes.address.removeprefix("http://")
    image = f"{host}/team/recommender:7"
    kubernetes.status["/v2/team/recommender/manifests/7"] = status
    Path("p.yaml").write_text(PACKAGE.replace("registry.example/recommender:1", image))
    assert said.format(image=image, host=host) in doctor(capsys, code)


def test_image_with_a_moving_tag_is_noted(kubernetes: Kubernetes, capsys: Printed) -> None:
    kubernetes.node["status"]["images"] = [{"names": ["docker.io/library/recommender:latest"]}]
    image = "registry.example/recommender:1"
    Path("p.yaml").write_text(PACKAGE.replace(image, "recommender"))
    said = doctor(capsys, 0)
    assert "note     image recommender: has a moving tag" in said
    assert "ok       image recommender: on 1 of 1 nodes" in said


def test_secrets_of_steps_are_looked_for(kubernetes: Kubernetes, capsys: Printed) -> None:
    secrets = "secretAsEnv: [{secretName: keys}]\n          secretAsVolume: "
    secrets += "[{secretNameParameter: {runtimeValue: {constant: files}}}]\n          "
    Path("p.yaml").write_text(PACKAGE.replace("nodeSelector", f"{secrets}nodeSelector"))
    said = doctor(capsys, 1)
    assert "problem  secret files: there is none in kubeflow" in said
    assert "problem  secret keys: there is none in kubeflow" in said
    assert "kubectl create secret generic -n kubeflow keys" in said


def test_bucket_of_google_needs_no_secret_of_kubeflow(
    kubernetes: Kubernetes, capsys: Printed
) -> None:
    del kubernetes.objects[SECRET]
    Path("p.yaml").write_text(PACKAGE.replace("minio://mlpipeline", "gs://bucket"))
    assert "secret" not in doctor(capsys, 0)


@pytest.mark.parametrize(
    ("version", "code", "said"),
    [
        ("2.17.0", 0, "ok       Kubeflow Pipelines 2.17.0 answers"),
        ("2.1.3", 1, "problem  Kubeflow Pipelines is 2.1.3"),
        ("1.8.22", 1, "problem  Kubeflow Pipelines is 1.8.22"),
        ("unknown", 0, "unknown  Kubeflow Pipelines answers and does not say its version"),
    ],
)
def test_version(
    server: State, kubernetes: Kubernetes, capsys: Printed, version: str, code: int, said: str
) -> None:
    server.version = version
    assert said in doctor(capsys, code)


def test_schedule_of_an_older_version_is_noted(
    server: State, kubernetes: Kubernetes, capsys: Printed
) -> None:
    kubeflow_runner.main(["submit", "--package", "p.yaml"])
    kubeflow_runner.main(["schedule", "--package", "p.yaml", "--cron", "0 3 * * *"])
    kubeflow_runner.main(["submit", "--package", "p.yaml"])
    capsys.readouterr()
    said = doctor(capsys, 0)
    assert "(0 0 3 * * *) runs version movielens, not the newest" in said


def test_pipeline_that_is_not_there_is_noted(kubernetes: Kubernetes, capsys: Printed) -> None:
    assert "note     pipeline movielens is not uploaded yet" in doctor(capsys, 0)


def test_api_that_refuses_is_a_problem(
    server: State, kubernetes: Kubernetes, capsys: Printed
) -> None:
    server.refuse["GET /experiments"] = (403, "forbidden")
    said = doctor(capsys, 1)
    assert "problem  the API refuses who asks: the cluster refused: 403" in said
    assert "claim recommender: bound" in said


def test_pipelines_that_do_not_answer_are_a_problem_among_others(
    kubernetes: Kubernetes, capsys: Printed
) -> None:
    said = doctor(capsys, 1, "--host", "http://127.0.0.1:9")
    assert "problem  Kubeflow Pipelines: the cluster cannot be reached" in said
    assert "port-forward" in said
    assert "claim recommender: bound" in said


def test_without_a_kubeconfig_kubernetes_is_unknown(
    server: State, capsys: Printed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("KUBECONFIG", raising=False)
    monkeypatch.delenv("KUBERNETES_SERVICE_HOST", raising=False)
    said = doctor(capsys, 0)
    assert "unknown  Kubernetes: nothing says where its API is" in said
    assert "set KUBECONFIG" in said


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "3", "clusters: 3", "apiVersion: v1\ncurrent-context: x\ncontexts: []\n"],
)
def test_kubeconfig_that_is_none(kubernetes: Kubernetes, capsys: Printed, text: str) -> None:
    Path("kubeconfig").write_text(text)
    assert "problem  Kubernetes: kubeconfig" in doctor(capsys, 1)


def test_context_that_is_not_there(kubernetes: Kubernetes, capsys: Printed) -> None:
    assert "problem  Kubernetes: kubeconfig" in doctor(capsys, 1, "--context", "other")
    assert "ok       Kubernetes v1.30.2" in doctor(capsys, 0, "--context", "x")


@pytest.mark.parametrize("answer", [[], 3, "x", {"items": 3}, {"items": [{}]}, {"items": [3]}])
def test_kubernetes_of_another_shape(
    kubernetes: Kubernetes, capsys: Printed, answer: object
) -> None:
    kubernetes.objects[NODES] = answer
    assert "problem  Kubernetes: " in doctor(capsys, 1)


def test_kubernetes_that_is_not_there(kubernetes: Kubernetes, capsys: Printed) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        kubernetes.address = f"http://127.0.0.1:{free.getsockname()[1]}"
    kubernetes.write_kubeconfig(Path("kubeconfig"))
    assert "problem  Kubernetes: Kubernetes does not answer at http" in doctor(capsys, 1)

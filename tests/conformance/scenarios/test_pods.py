"""What a pod gets of the compiled pipeline: volumes, secrets, variables, resources, a place."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conformance.scenarios.conftest import Finished
from tests.conformance.scenarios.world import DATA, MODELS, World

pytestmark = [pytest.mark.proves("runs"), pytest.mark.slow]


@pytest.fixture
def pods(world: World, first: Finished) -> dict[str, dict[str, Any]]:
    """The pods of the steps of the first run, by task: their last attempts."""
    name = first.run.workflow["metadata"]["name"]
    found = {}
    for pod in world.cluster.objects.all("pods"):
        arguments = main(pod).get("args") or []
        if pod["metadata"]["name"].startswith(name) and "--node_id" in arguments:
            found[arguments[arguments.index("--node_id") + 1]] = pod["spec"]
    return found


def main(pod: dict[str, Any]) -> dict[str, Any]:
    spec = pod.get("spec", pod)
    return next(one for one in spec["containers"] if one["name"] == "main")


def claims(spec: dict[str, Any]) -> dict[str, str]:
    volumes = {one["name"]: one.get("persistentVolumeClaim") for one in spec["volumes"]}
    mounts = {one["mountPath"]: volumes[one["name"]] for one in main(spec)["volumeMounts"]}
    return {path: claim["claimName"] for path, claim in mounts.items() if claim}


def test_nothing_was_asked_of_kubernetes_that_it_refuses(world: World, first: Finished) -> None:
    assert world.cluster.objects.refused == []
    assert world.cluster.objects.unknown == []


def test_claims_are_mounted_where_they_are_needed(pods: dict[str, Any]) -> None:
    mounted = {task: claims(spec) for task, spec in pods.items() if claims(spec)}
    assert mounted == {
        "ExampleGen": {"/mnt/data": DATA},
        "NewestSpan": {"/mnt/data": DATA},
        "LiveModel": {"/mnt/models": MODELS},
        "Pusher": {"/mnt/models": MODELS},
    }


def test_secrets_are_variables_and_files(pods: dict[str, Any]) -> None:
    for spec in pods.values():
        (variable,) = [one for one in main(spec)["env"] if one["name"] == "SASL_PASSWORD"]
        assert variable["valueFrom"]["secretKeyRef"] == {"name": "kafka", "key": "password"}
    volumes = {task: [v for v in spec["volumes"] if v.get("secret")] for task, spec in pods.items()}
    assert [task for task, secrets in volumes.items() if secrets] == ["ExampleGen"]
    mounts = {one["name"]: one["mountPath"] for one in main(pods["ExampleGen"])["volumeMounts"]}
    assert mounts[volumes["ExampleGen"][0]["name"]] == "/etc/feed"


def test_variable_arrives_as_it_is_written(pods: dict[str, Any]) -> None:
    for spec in pods.values():
        (variable,) = [one for one in main(spec)["env"] if one["name"] == "GREETING"]
        assert variable["value"] == 'a "quoted" {{word}} $(HOME)'


def test_trainer_gets_its_device_and_its_place(pods: dict[str, Any]) -> None:
    trainer = pods["Trainer"]
    assert trainer["nodeSelector"] == {"pool": "gpu"}
    assert trainer["tolerations"] == [{"key": "nvidia.com/gpu", "operator": "Exists"}]
    resources = main(trainer)["resources"]
    assert resources["limits"]["nvidia.com/gpu"] == "1"
    # 2 cores and 4 GB are requested, 4 cores and 8 GB are the limit.
    assert (resources["requests"]["cpu"], resources["limits"]["cpu"]) == ("2", "4")
    assert "nodeSelector" not in pods["Pusher"]

"""The stand-in of the Kubernetes API: what it keeps, and what it refuses as Kubernetes does."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import pytest

from tests.conformance.cluster.kubernetes_api import Objects, RefusedError
from tests.conformance.cluster.kubernetes_rules import problems


def pod(**changed: Any) -> dict[str, Any]:
    main = {
        "name": "main",
        "image": "registry.example/x:1",
        "env": [{"name": "A", "value": "1"}],
        "volumeMounts": [{"name": "models", "mountPath": "/mnt"}],
        "resources": {"requests": {"cpu": "500m"}, "limits": {"cpu": "1"}},
    }
    volumes = [{"name": "models"}]
    return {"metadata": {"name": "p"}, "spec": {"containers": [main], "volumes": volumes} | changed}


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"volumes": [{"name": "my.models"}]}, "'my.models' is no DNS-1123 label"),
        ({"volumes": [{"name": "models"}, {"name": "models"}]}, "two volumes"),
        ({"volumes": []}, "'models', which is no volume"),
        ({"nodeSelector": {"pool": "a b"}}, "no label"),
        ({"tolerations": [{"operator": "Exists", "value": "x", "key": "k"}]}, "takes no value"),
        ({"tolerations": [{"value": "x"}]}, "no key"),
        ({"containers": [{"name": "main", "image": ""}]}, "without image"),
        ({"containers": [{"name": "main", "image": "x", "env": [{"name": "1 A"}]}]}, "variable"),
    ],
)
def test_problems_of_a_pod(changed: dict[str, Any], told: str) -> None:
    assert problems("pods", pod()) == []
    assert told in "; ".join(problems("pods", pod(**changed)))


def test_problems_of_requests_and_size() -> None:
    large = pod()
    large["spec"]["containers"][0]["resources"]["requests"]["cpu"] = "1001m"
    assert problems("pods", large) == ["requests.cpu 1001m is more than its limit 1"]
    workflow = {"metadata": {"name": "w"}, "spec": "x" * 1_600_000}
    assert "more than 1572864" in problems("workflows", workflow)[0]


def test_log_is_that_of_a_started_pod(tmp_path: Path) -> None:
    objects = Objects()
    with pytest.raises(RefusedError, match="not found"):
        objects.log("p")
    objects.logs["p"] = tmp_path / "log"
    objects.logs["p"].write_bytes(b"words")
    assert objects.log("p") == b"words"


def test_objects_are_created_once_patched_and_deleted() -> None:
    objects = Objects()
    created = objects.create("workflows", {"metadata": {"generateName": "run-"}, "spec": {"a": 1}})
    name = created["metadata"]["name"]
    assert name.startswith("run-")
    with pytest.raises(RefusedError, match="exists already"):
        objects.create("workflows", {"metadata": {"name": name}})
    patched = objects.patch("workflows", name, {"spec": {"a": None, "b": 2}})
    assert patched["spec"] == {"b": 2}
    assert patched["metadata"]["uid"] == created["metadata"]["uid"]
    with pytest.raises(RefusedError, match="has been modified"):
        objects.replace("workflows", name, created)
    objects.edit("workflows", name, [{"op": "add", "path": "/metadata/labels/a~1b", "value": "c"}])
    assert objects.get("workflows", name)["metadata"]["labels"] == {"a/b": "c"}
    changes = itertools.islice(objects.watch("workflows", 0), 3)
    assert [change["type"] for change in changes] == ["ADDED", "MODIFIED", "MODIFIED"]
    objects.delete("workflows", name)
    with pytest.raises(RefusedError, match="not found"):
        objects.get("workflows", name)

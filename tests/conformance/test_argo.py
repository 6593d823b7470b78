"""The stand-in of Argo's controller: placeholders, patches, and what runs when."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.conformance.cluster.argo import (
    FAILED,
    OMITTED,
    SKIPPED,
    SUCCEEDED,
    Run,
    apply_patch,
    fill,
)
from tests.conformance.cluster.pods import Ended


def test_fill_replaces_what_it_knows_and_leaves_other_words() -> None:
    scope = {"inputs.parameters.a": "1", "workflow.name": "w"}
    assert fill("{{inputs.parameters.a}} {{ workflow.name }} {{word}}", scope) == "1 w {{word}}"
    with pytest.raises(KeyError):
        fill("{{tasks.gone.outputs.parameters.a}}", scope)


def test_apply_patch_merges_lists_by_name_and_mounts_by_path() -> None:
    spec = {
        "containers": [{"name": "main", "image": "x", "volumeMounts": [mount("a", "/a")]}],
        "volumes": [{"name": "a"}],
    }
    patch = {
        "containers": [{"name": "main", "image": "y", "volumeMounts": [mount("b", "/b")]}],
        "volumes": [{"name": "b"}],
        "nodeSelector": {"pool": "gpu"},
    }
    assert apply_patch(spec, patch) == {
        "containers": [
            {"name": "main", "image": "y", "volumeMounts": [mount("a", "/a"), mount("b", "/b")]}
        ],
        "volumes": [{"name": "a"}, {"name": "b"}],
        "nodeSelector": {"pool": "gpu"},
    }


def mount(name: str, path: str) -> dict[str, str]:
    return {"name": name, "mountPath": path}


class Pods:
    """Ends each pod as told: exit codes of its attempts, by the image's name."""

    def __init__(self, codes: dict[str, list[int]]) -> None:
        self.codes = codes
        self.started: list[str] = []

    def run(self, pod: dict[str, Any], outputs: Path, started: object) -> Ended:
        image = pod["spec"]["containers"][0]["image"]
        self.started.append(image)
        code = self.codes.get(image, [0]).pop(0)
        if not code:
            (outputs / "decision").write_text("true")
        return Ended(code, "the reason" if code else "", "")


def workflow(tasks: list[dict[str, Any]], retries: int = 0) -> dict[str, Any]:
    """A workflow of steps that are called as their images; each has the output `decision`."""
    output = {"name": "decision", "valueFrom": {"path": "/tmp/outputs/decision", "default": "no"}}
    step = {
        "name": "step",
        "inputs": {"parameters": [{"name": "image"}]},
        "outputs": {"parameters": [output]},
        "container": {"image": "{{inputs.parameters.image}}", "command": ["x"]},
        "retryStrategy": {"limit": str(retries)},
    }
    for task in tasks:
        image = {"name": "image", "value": task["name"]}
        task |= {"template": "step", "arguments": {"parameters": [image]}}
    return {
        "metadata": {"name": "w", "uid": "1", "creationTimestamp": "2026-01-01T00:00:00Z"},
        "spec": {
            "entrypoint": "all",
            "arguments": {"parameters": []},
            "templates": [{"name": "all", "dag": {"tasks": tasks}}, step],
        },
    }


def walk(tasks: list[dict[str, Any]], pods: Pods, folder: Path, retries: int = 0) -> Run:
    return Run(workflow(tasks, retries), pods, folder).walk()  # type: ignore[arg-type]


def test_walk_starts_what_its_conditions_allow(tmp_path: Path) -> None:
    decided = "{{tasks.a.outputs.parameters.decision}}"
    tasks = [
        {"name": "c", "depends": "b.Succeeded"},
        {"name": "b", "depends": "a.Succeeded", "when": f"{decided} != true"},
        {"name": "a"},
    ]
    pods = Pods({})
    run = walk(tasks, pods, tmp_path)
    assert run.phase == SUCCEEDED
    assert run.nodes["/b"].phase == SKIPPED
    # What depends on a skipped task goes on, as after a step from the cache.
    assert pods.started == ["a", "c"]


def test_walk_tries_again_and_leaves_out_what_follows_a_failure(tmp_path: Path) -> None:
    tasks = [{"name": "a"}, {"name": "b", "depends": "a.Succeeded"}, {"name": "c"}]
    pods = Pods({"a": [1, 1], "c": [1, 0]})
    run = walk(tasks, pods, tmp_path, retries=1)
    assert run.phase == FAILED
    assert (run.nodes["/a"].phase, run.nodes["/a"].attempts) == (FAILED, 2)
    assert run.nodes["/a"].message == "the reason"
    assert (run.nodes["/c"].phase, run.nodes["/c"].attempts) == (SUCCEEDED, 2)
    assert run.nodes["/b"].phase == OMITTED

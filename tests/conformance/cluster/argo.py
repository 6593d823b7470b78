"""A stand-in of Argo's controller: walks a compiled workflow and runs its pods.

It knows what Kubeflow's compiler writes: DAGs with `depends` and `when`, parameters, retries,
podSpecPatch. Placeholders that it cannot fill are an error, as in Argo.
"""

from __future__ import annotations

import concurrent.futures
import copy
import json
import re
import threading
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.conformance.cluster.kubernetes_rules import Object
from tests.conformance.cluster.pods import AttemptHook, Ended, Kubelet

PARALLEL = 2
MAX_POD_PREFIX = 242
SUCCEEDED, FAILED, SKIPPED, OMITTED = "Succeeded", "Failed", "Skipped", "Omitted"
_PLACEHOLDER = re.compile(r"\{\{([^{}]*)\}\}")
_CONDITION = re.compile(r"(.*?)\s*(==|!=)\s*(.*)", re.DOTALL)
Values = dict[str, str]


class StepError(Exception):
    """A node of the workflow failed."""


@dataclass
class Node:
    """What became of a node: its phase, and of a pod its attempts and the last one's end.

    Attributes:
        pod: Name of the last attempt's pod; empty where there is none.
        seconds: How long the last attempt took.
    """

    label: str
    template: str
    phase: str
    attempts: int = 0
    message: str = ""
    log: str = ""
    pod: str = ""
    seconds: float = 0.0


@dataclass
class Run:
    """A workflow that is being walked.

    Attributes:
        workflow: As the API server made it.
        kubelet: Starts the pods.
        on_attempt: Called with label, attempt and process of each step's container.
        nodes: What became of each node, by label: names of tasks, divided by '/'.
    """

    workflow: Object
    kubelet: Kubelet
    folder: Path
    on_attempt: AttemptHook | None = None
    nodes: dict[str, Node] = field(default_factory=dict)
    phase: str = ""
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def walk(self) -> Run:
        """Runs the workflow to its end."""
        spec, metadata = self.workflow["spec"], self.workflow["metadata"]
        scope = {
            f"workflow.parameters.{one['name']}": one.get("value", "")
            for one in spec["arguments"]["parameters"]
        }
        scope |= {
            "workflow.name": metadata["name"],
            "workflow.uid": metadata["uid"],
            "workflow.creationTimestamp": metadata["creationTimestamp"],
            "workflow.creationTimestamp.RFC3339": metadata["creationTimestamp"],
        }
        try:
            self._template(spec["entrypoint"], {}, scope, "")
            self.phase = SUCCEEDED
        except StepError:
            self.phase = FAILED
        return self

    def step(self, task: str) -> Node:
        """Returns what became of the container of a task of the pipeline; skipped if cached."""
        labels = [label for label in self.nodes if label.startswith(f"/root/{task}/")]
        return self.nodes[max(labels, key=len)] if labels else self.nodes[f"/root/{task}"]

    def _template(self, name: str, given: Values, scope: Values, label: str) -> Values:
        template = next(one for one in self.workflow["spec"]["templates"] if one["name"] == name)
        local = {key: value for key, value in scope.items() if key.startswith("workflow.")}
        for one in template.get("inputs", {}).get("parameters", []):
            value = given.get(one["name"], one.get("value", one.get("default")))
            if value is None:
                raise StepError(f"{label}: template {name} lacks {one['name']}")
            local[f"inputs.parameters.{one['name']}"] = value
        if "dag" in template:
            return self._dag(template["dag"]["tasks"], local, label)
        return self._attempts(template, local, label)

    # -- DAGs -----------------------------------------------------------------------------------

    def _dag(self, listed: list[Object], scope: Values, label: str) -> Values:
        tasks = {task["name"]: task for task in listed}
        phases: Values = {}
        outputs: dict[str, Values] = {}
        with concurrent.futures.ThreadPoolExecutor(PARALLEL) as pool:
            running: dict[concurrent.futures.Future[tuple[str, Values]], str] = {}
            while True:
                for name in _startable(tasks, phases, set(running.values())):
                    local = {**scope, **_flat(outputs)}
                    running[pool.submit(self._task, tasks[name], local, label)] = name
                if not running:
                    break
                done, _ = concurrent.futures.wait(
                    running, return_when=concurrent.futures.FIRST_COMPLETED
                )
                for future in done:
                    name = running.pop(future)
                    phases[name], outputs[name] = future.result()
        for name in tasks.keys() - phases.keys():
            self._note(f"{label}/{name}", tasks[name]["template"], OMITTED)
        if FAILED in phases.values():
            raise StepError(label)
        return {}

    def _task(self, task: Object, scope: Values, label: str) -> tuple[str, Values]:
        label = f"{label}/{task['name']}"
        phase, outputs = SUCCEEDED, Values()
        if task.get("when") and not _holds(fill(task["when"], scope)):
            phase = SKIPPED
        else:
            try:
                given = {
                    one["name"]: fill(one["value"], scope)
                    for one in task.get("arguments", {}).get("parameters", [])
                    if one.get("value") is not None
                }
                outputs = self._template(task["template"], given, scope, label)
            except StepError:
                phase = FAILED
        self._note(label, task["template"], phase)
        return phase, outputs

    def _note(self, label: str, template: str, phase: str) -> None:
        """Notes the phase of a node; what is known of its pod stays."""
        with self._lock:
            self.nodes.setdefault(label, Node(label, template, phase)).phase = phase

    # -- pods -----------------------------------------------------------------------------------

    def _attempts(self, template: Object, scope: Values, label: str) -> Values:
        strategy = template.get("retryStrategy")
        limit = int(fill(str(strategy["limit"]), scope)) if strategy else 0
        for attempt in range(limit + 1):
            outputs, ended = self._pod(template, {**scope, "retries": str(attempt)}, label, attempt)
            node = Node(label, template["name"], FAILED, attempt + 1)
            node.message, node.log = ended.reason, ended.log
            node.pod, node.seconds = ended.pod, ended.seconds
            with self._lock:
                self.nodes[label] = node
            if ended.code == 0:
                return outputs
        raise StepError(label)

    def _pod(
        self, template: Object, scope: Values, label: str, attempt: int
    ) -> tuple[Values, Ended]:
        folder = self.folder / uuid.uuid4().hex
        folder.mkdir(parents=True)
        paths = {
            one["name"]: one["valueFrom"]
            for one in template.get("outputs", {}).get("parameters", [])
        }
        scope |= {f"outputs.parameters.{name}.path": one["path"] for name, one in paths.items()}
        pod = self._make_pod(template, scope)
        node = f"{self.workflow['metadata']['name']}{label.replace('/', '.')}({attempt})"
        pod["metadata"]["annotations"] = {"workflows.argoproj.io/node-name": node}
        hook: Callable[[Any], None] | None = None
        if self.on_attempt and template.get("podSpecPatch"):
            hook = lambda process: self.on_attempt(label, attempt, process)  # noqa: E731
        ended = self.kubelet.run(pod, folder, hook)
        outputs = {}
        for name, source in paths.items():
            file = folder / Path(source["path"]).relative_to("/tmp/outputs")
            outputs[name] = file.read_text() if file.exists() else source.get("default", "")
        return outputs, ended

    def _make_pod(self, template: Object, scope: Values) -> Object:
        spec = {
            "containers": [{**copy.deepcopy(template["container"]), "name": "main"}],
            "initContainers": copy.deepcopy(template.get("initContainers", [])),
            "volumes": copy.deepcopy(template.get("volumes", [])),
        }
        spec = fill_all(spec, scope)
        if template.get("podSpecPatch"):
            spec = apply_patch(spec, json.loads(fill(template["podSpecPatch"], scope)))
        # As Argo names them: the API server finds a pod by that of its node, which ends the same.
        prefix = f"{self.workflow['metadata']['name']}-{template['name']}"
        name = f"{prefix[:MAX_POD_PREFIX]}-{uuid.uuid4().int % 10**10}"
        return {"kind": "Pod", "apiVersion": "v1", "metadata": {"name": name}, "spec": spec}


def fill(text: str, scope: Mapping[str, str]) -> str:
    """Replaces placeholders by values; those of no known kind are text, as in Argo.

    Raises:
        KeyError: One of a known kind has no value.
    """

    def value(match: re.Match[str]) -> str:
        key = match[1].strip()
        if re.match(r"(workflow|inputs|outputs|tasks)\.|retries$", key):
            return scope[key]
        return match[0]

    return _PLACEHOLDER.sub(value, text)


def fill_all(thing: Any, scope: Mapping[str, str]) -> Any:
    """Replaces the placeholders in all texts of an object."""
    if isinstance(thing, str):
        return fill(thing, scope)
    if isinstance(thing, dict):
        return {key: fill_all(value, scope) for key, value in thing.items()}
    return [fill_all(one, scope) for one in thing] if isinstance(thing, list) else thing


def apply_patch(spec: Object, patch: Object) -> Object:
    """Applies a strategic merge patch of a pod: lists of named things are merged by name."""
    merged = dict(spec)
    for key, value in patch.items():
        before = merged.get(key)
        if isinstance(value, dict) and isinstance(before, dict):
            merged[key] = apply_patch(before, value)
        elif _is_named(value) and _is_named(before or []):
            merged[key] = _merge_named(before or [], value)
        elif value is not None:
            merged[key] = value
    return merged


def _is_named(things: Any) -> bool:
    return isinstance(things, list) and all(isinstance(x, dict) and "name" in x for x in things)


def _merge_named(before: list[Object], patch: list[Object]) -> list[Object]:
    # Mounts are merged by their path, everything else by its name.
    key = "mountPath" if any("mountPath" in one for one in (*before, *patch)) else "name"
    merged = {one[key]: one for one in before}
    for one in patch:
        merged[one[key]] = apply_patch(merged.get(one[key], {}), one)
    return list(merged.values())


def _startable(tasks: Mapping[str, Object], phases: Values, running: set[str]) -> list[str]:
    """Returns the tasks of which all that they depend on has succeeded or was skipped."""
    return [
        name
        for name, task in tasks.items()
        if name not in phases
        and name not in running
        and all(
            phases.get(other) in (SUCCEEDED, SKIPPED)
            for other in re.findall(r"([\w-]+)\.Succeeded", task.get("depends", ""))
        )
    ]


def _flat(outputs: Mapping[str, Values]) -> Values:
    return {
        f"tasks.{task}.outputs.parameters.{name}": value
        for task, values in outputs.items()
        for name, value in values.items()
    }


def _holds(condition: str) -> bool:
    match = _CONDITION.fullmatch(condition)
    if not match:
        raise ValueError(f"a condition of another kind: {condition}")
    return (match[1] == match[3]) == (match[2] == "==")

"""Upload: parses both documents as strictly as the API server, and refuses what it refuses."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import yaml
from google.protobuf import json_format
from kfp.kubernetes import kubernetes_executor_config_pb2
from kfp.pipeline_spec import pipeline_spec_pb2 as pb

Spec = dict[str, Any]


class RefusedError(Exception):
    """The backend does not take the pipeline."""


@dataclass(frozen=True)
class Uploaded:
    """A pipeline that the backend took: dicts with every field checked against the protobufs."""

    spec: Spec
    deployment: Spec
    platform: Spec = field(default_factory=dict)

    @property
    def tasks(self) -> dict[str, Spec]:
        return self.spec["root"]["dag"]["tasks"]

    def component(self, task: str) -> Spec:
        return self.spec["components"][self.tasks[task]["componentRef"]["name"]]

    def container(self, task: str) -> Spec:
        return self.deployment["executors"][self.component(task)["executorLabel"]]["container"]

    def kubernetes(self, task: str) -> Spec:
        return self.platform.get(self.component(task)["executorLabel"], {})

    def order(self) -> list[str]:
        """Returns the tasks with each after its producers and those it depends on."""
        done: list[str] = []
        waiting = sorted(self.tasks)
        while waiting:
            ready = [name for name in waiting if producers(self.tasks[name]) <= set(done)]
            if not ready:
                raise RefusedError(f"the tasks wait for one another: {waiting}")
            done += ready
            waiting = [name for name in waiting if name not in ready]
        return done


def upload(text: str) -> Uploaded:
    """Takes a package as the API server does.

    Raises:
        RefusedError: With the reason.
    """
    spec, platform = _documents(text)
    checked = _strict(spec, pb.PipelineSpec())
    if checked.get("schemaVersion") != "2.1.0":
        raise RefusedError(f"schema version {checked.get('schemaVersion')}")
    if not re.fullmatch(
        r"[a-z0-9][a-z0-9-]{0,127}", checked.get("pipelineInfo", {}).get("name", "")
    ):
        raise RefusedError("pipelineInfo.name")
    if "root" not in checked:
        raise RefusedError("root component is empty")
    deployment = _strict(checked["deploymentSpec"], pb.PipelineDeploymentConfig())
    uploaded = Uploaded(checked, deployment, _platform(platform))
    _check_graph(uploaded)
    return uploaded


def _documents(text: str) -> tuple[Spec, Spec]:
    documents = [document for document in yaml.safe_load_all(text) if document]
    specs = [document for document in documents if "pipelineInfo" in document]
    platforms = [document for document in documents if "platforms" in document]
    if len(specs) != 1 or len(platforms) > 1 or len(specs) + len(platforms) != len(documents):
        raise RefusedError(
            "unknown template format: one pipeline spec and at most one platform spec"
        )
    return specs[0], platforms[0] if platforms else {}


def _strict(document: Spec, message: Any) -> Spec:
    """Returns the document as protojson reads it: a field that is not known is refused."""
    try:
        json_format.ParseDict(document, message)
    except json_format.ParseError as error:
        raise RefusedError(str(error)) from error
    return json_format.MessageToDict(message)


def _platform(document: Spec) -> Spec:
    """Checks the second document; returns the configuration of each executor label."""
    if not document:
        return {}
    checked = _strict(document, pb.PlatformSpec())
    executors = checked["platforms"]["kubernetes"].get("deploymentSpec", {}).get("executors", {})
    config = kubernetes_executor_config_pb2.KubernetesExecutorConfig
    return {label: _strict(entry, config()) for label, entry in executors.items()}


def producers(task: Spec) -> set[str]:
    """Returns the tasks that a task waits for."""
    inputs = task.get("inputs", {})
    actual = set(task.get("dependentTasks", []))
    for source in inputs.get("artifacts", {}).values():
        actual.add(source["taskOutputArtifact"]["producerTask"])
    for source in inputs.get("parameters", {}).values():
        if "taskOutputParameter" in source:
            actual.add(source["taskOutputParameter"]["producerTask"])
    return actual


def _check_graph(uploaded: Uploaded) -> None:
    run_parameters = uploaded.spec["root"].get("inputDefinitions", {}).get("parameters", {})
    for name, task in uploaded.tasks.items():
        if not re.fullmatch(r"[a-zA-Z0-9][-a-zA-Z0-9]*", name):
            raise RefusedError(f"task name {name!r}")
        component = uploaded.spec["components"].get(task["componentRef"]["name"])
        if component is None:
            raise RefusedError(f"cannot find component ref name={task['componentRef']['name']!r}")
        executor = uploaded.deployment["executors"].get(component.get("executorLabel"))
        if executor is None:
            raise RefusedError(f"executor of {name} not found in deployment config")
        if not {"container", "importer"} & set(executor):
            raise RefusedError(f"{name}: non-container and non-importer executor not implemented")
        missing = producers(task) - set(uploaded.tasks)
        if missing:
            raise RefusedError(f"{name} waits for tasks that do not exist: {missing}")
        _check_inputs(name, task, component, run_parameters)
        _check_types(name, component)
    uploaded.order()


def _check_inputs(name: str, task: Spec, component: Spec, run_parameters: Spec) -> None:
    declared = component.get("inputDefinitions", {})
    given = task.get("inputs", {})
    for kind in ("parameters", "artifacts"):
        unknown = set(given.get(kind, {})) - set(declared.get(kind, {}))
        if unknown:
            raise RefusedError(f"{name}: {kind} that the component does not declare: {unknown}")
    for parameter, source in given.get("parameters", {}).items():
        field_name = source.get("componentInputParameter")
        if field_name and field_name not in run_parameters:
            raise RefusedError(f"{name}.{parameter}: the pipeline has no input {field_name!r}")


def _check_types(name: str, component: Spec) -> None:
    for side in ("inputDefinitions", "outputDefinitions"):
        for key, artifact in component.get(side, {}).get("artifacts", {}).items():
            if not title(artifact["artifactType"]):
                raise RefusedError(f"{name}.{key}: No title specified")


def title(artifact_type: Spec) -> str:
    """Returns the type's title as the launcher reads it."""
    if artifact_type.get("schemaTitle"):
        return artifact_type["schemaTitle"]
    return (yaml.safe_load(artifact_type.get("instanceSchema", "")) or {}).get("title", "")

"""From what TFX compiles for Vertex AI to what open-source Kubeflow Pipelines 2.x takes.

TFX's KubeflowV2DagRunner emits the right language but not the dialect: each function here makes one
change that the open-source backend needs, and says which. They change the specification, a dict as
in its YAML, in place.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from components.errors import ConfigError, shown
from pipeline import nodes
from pipeline.config.kubeflow import DEFAULT, KubeflowConfig, StepConfig
from pipeline.config.settings import nearest
from pipeline.kubeflow.history_root import RECORDED
from pipeline.kubeflow.launcher import title
from pipeline.kubeflow.parameters import BASE_SETTINGS, Parameter

Spec = dict[str, Any]

_TITLE_FOR_PEOPLE = re.compile(r"system\.[A-Z][A-Za-z]*")
NODE_ID, DRIVER, HISTORY_ROOT = "--node_id", "--driver_class_path", "--history_root"
PIPELINE_ROOT = "--pipeline_root"


def tasks(spec: Spec) -> dict[str, Spec]:
    """Returns the tasks of the graph by name."""
    return spec["root"]["dag"]["tasks"]


def component(spec: Spec, name: str) -> Spec:
    """Returns the component of a task: its executor, inputs and outputs."""
    return spec["components"][tasks(spec)[name]["componentRef"]["name"]]


def containers(spec: Spec) -> Iterator[tuple[str, Spec]]:
    """Yields (task name, container) of each task that has one: importers have none."""
    for name in tasks(spec):
        executor = spec["deploymentSpec"]["executors"][component(spec, name)["executorLabel"]]
        if "container" in executor:
            yield name, executor["container"]


def check_steps(spec: Spec, config: KubeflowConfig) -> None:
    """Refuses settings of steps that are not in the graph, or that no cluster takes.

    Raises:
        ConfigError: A name is not that of a step, or a step requests more than its limit.
    """
    for name in config.steps:
        if name not in tasks(spec) and name != DEFAULT:
            raise ConfigError(f"kubeflow.steps: no step {shown(name)}{nearest(name, tasks(spec))}")
    for name in tasks(spec):
        _check_amounts(name, step_settings(config, name))


def _check_amounts(name: str, step: StepConfig) -> None:
    """Refuses requests above limits: the cluster would never start the container."""
    for what in ("cpu", "memory"):
        request, limit = getattr(step, f"{what}_request"), getattr(step, f"{what}_limit")
        if request is not None and limit is not None and request > limit:
            raise ConfigError(
                f"kubeflow.steps.{name}: {what}_request {request:g} is more than {what}_limit "
                f"{limit:g}; give both"
            )


def drop_lifecycle(spec: Spec) -> None:
    """Drops the hook that runs a driver before the cache: the backend never reads it."""
    for _, container in containers(spec):
        container.pop("lifecycle", None)


def name_steps(spec: Spec, drivers: Mapping[str, str]) -> None:
    """Tells each container which step it is, and the entrypoint which driver to run before it.

    `drivers` has the import path of the driver class of each step that has one.
    """
    for name, container in containers(spec):
        extra = [NODE_ID, name]
        if name in drivers:
            extra += [DRIVER, drivers[name]]
        container["args"] = [*extra, *container["args"]]


def record_pushes(spec: Spec, history_root: str | None) -> None:
    """Gives the Pusher what the history says of a push, and the folder of the history.

    The folder is named as containers see it; it is None where it is on no volume.
    """
    if history_root is None:
        return
    task = tasks(spec)[nodes.PUSHER.id]
    declared = component(spec, nodes.PUSHER.id)["inputDefinitions"]["artifacts"]
    for name, (producer, output) in RECORDED.items():
        reference = {"producerTask": producer, "outputArtifactKey": output}
        task["inputs"]["artifacts"][name] = {"taskOutputArtifact": reference}
        outputs = component(spec, producer)["outputDefinitions"]["artifacts"]
        declared[name] = {"artifactType": dict(outputs[output]["artifactType"])}
    task["dependentTasks"] = sorted({*task["dependentTasks"], nodes.EXAMPLE_GEN.id})
    for name, container in containers(spec):
        if name == nodes.PUSHER.id:
            container["args"] = [HISTORY_ROOT, history_root, *container["args"]]


def show_to_people(spec: Spec) -> None:
    """Gives outputs such as system.Metrics the schema title by which Kubeflow's page shows them."""
    for definition in spec["components"].values():
        for side in ("inputDefinitions", "outputDefinitions"):
            for artifact in definition.get(side, {}).get("artifacts", {}).values():
                name = title(artifact["artifactType"])
                if _TITLE_FOR_PEOPLE.fullmatch(name):
                    artifact["artifactType"] = {"schemaTitle": name, "schemaVersion": "0.0.1"}


def add_run_parameters(spec: Spec, parameters: Sequence[Parameter]) -> None:
    """Declares the run parameters with their defaults, which TFX loses."""
    root = spec["root"].setdefault("inputDefinitions", {})
    root["parameters"] = {
        parameter.name: {
            "parameterType": parameter.type,
            "defaultValue": parameter.default,
            "isOptional": True,
            "description": parameter.description,
        }
        for parameter in parameters
    }


def pass_parameters(spec: Spec, parameters: Sequence[Parameter], base_settings: str) -> None:
    """Passes the run parameters to their steps, with what was fixed at compilation.

    That is `base_settings`: the settings of the compiled pipeline over its preset, as JSON.
    """
    for parameter in parameters:
        for step in parameter.steps:
            if step not in tasks(spec):  # such as the Tuner, where nothing is tuned
                continue
            if not _reads(tasks(spec)[step], parameter.name):
                source = {"componentInputParameter": parameter.name}
                _add_input(spec, step, parameter.name, parameter.type, source)
    for step in [name for name in tasks(spec) if nodes.BY_ID[name].settings]:
        constant = {"runtimeValue": {"constant": base_settings}}
        _add_input(spec, step, BASE_SETTINGS, "STRING", constant)


def _reads(task: Spec, name: str) -> bool:
    """Returns whether a task has the run parameter already, under a name that TFX gave it."""
    inputs = task.get("inputs", {}).get("parameters", {})
    return any(source.get("componentInputParameter") == name for source in inputs.values())


def _add_input(spec: Spec, step: str, name: str, kind: str, source: Spec) -> None:
    inputs = tasks(spec)[step].setdefault("inputs", {}).setdefault("parameters", {})
    definitions = component(spec, step).setdefault("inputDefinitions", {})
    declared = definitions.setdefault("parameters", {})
    if name in declared:
        raise ConfigError(f"{step} has a property {name!r} already")
    inputs[name] = source
    declared[name] = {"parameterType": kind}


def step_settings(config: KubeflowConfig, name: str) -> StepConfig:
    """Returns what a step asks of the cluster, complete: the step's own settings come first."""
    merged = nodes.DEFAULT_RESOURCES
    layers = [config.steps.get(DEFAULT), nodes.BY_ID[name].resources, config.steps.get(name)]
    for layer in layers:
        merged = layer.over(merged) if layer else merged
    return merged


def set_caching(spec: Spec, config: KubeflowConfig) -> None:
    """Sets for each task whether Kubeflow may take the outputs of an equal one.

    Equal means the same image, command, parameters and input artifacts. Data that changes under the
    same path, or another live model, are not seen: those steps run always.
    """
    for name, task in tasks(spec).items():
        allowed = step_settings(config, name).cache and nodes.BY_ID[name].cacheable
        task["cachingOptions"] = {"enableCache": True} if allowed else {}


def set_retries(spec: Spec, config: KubeflowConfig) -> None:
    """Sets how often and how fast a failed task is started again."""
    for name, task in tasks(spec).items():
        retries = step_settings(config, name).retries or 0
        if retries:
            task["retryPolicy"] = {
                "maxRetryCount": retries,
                "backoffDuration": f"{config.backoff_seconds}s",
                "backoffFactor": config.backoff_factor,
                "backoffMaxDuration": f"{config.backoff_max_seconds}s",
            }


def set_resources(spec: Spec, config: KubeflowConfig) -> None:
    """Sets what each container asks of the cluster."""
    for name, container in containers(spec):
        container["resources"] = resources(step_settings(config, name))


def resources(step: StepConfig) -> Spec:
    """Returns a container's resources: cores, GB, accelerators."""
    amounts = {
        "cpuRequest": step.cpu_request,
        "cpuLimit": step.cpu_limit,
        "memoryRequest": step.memory_request,
        "memoryLimit": step.memory_limit,
    }
    asked: Spec = {key: float(value) for key, value in amounts.items() if value is not None}
    if step.gpus:
        asked["accelerator"] = {"type": step.gpu_type, "count": str(step.gpus)}
    return asked


def set_environment(spec: Spec, variables: Mapping[str, str]) -> None:
    """Sets environment variables of every container."""
    for _, container in containers(spec):
        container["env"] = [{"name": key, "value": variables[key]} for key in sorted(variables)]


def describe(spec: Spec, display_name: str, description: str) -> None:
    """Sets what the page shows as the pipeline's name and description."""
    spec["pipelineInfo"]["displayName"] = display_name
    spec["pipelineInfo"]["description"] = description


def set_root(spec: Spec, pipeline_root: str) -> None:
    """Sets where artifacts go; `Target` has checked that the launcher can write there.

    Each command names it too, so that Kubeflow's cache never gives outputs from another bucket: the
    launcher opens buckets that are not the run's without the cluster's credentials.
    """
    spec["defaultPipelineRoot"] = pipeline_root
    for _, container in containers(spec):
        container["args"] = [PIPELINE_ROOT, pipeline_root, *container["args"]]


def platform_spec(
    spec: Spec, config: KubeflowConfig, mounts: Mapping[str, Iterable[Mapping[str, str]]]
) -> Spec:
    """Returns the second document: volumes, secrets and places of the pods, by executor label.

    Args:
        spec: The adapted specification.
        config: Secrets, node selectors and tolerations.
        mounts: Volume claims of each step, as {"constant": claim, "mountPath": path}.
    """
    executors: Spec = {}
    for name in tasks(spec):
        entry: Spec = {}
        claims = [dict(mount) for mount in mounts.get(name, ())]
        if claims:
            entry["pvcMount"] = claims
        entry |= pod_settings(step_settings(config, name))
        _check_volumes(name, claims, entry)
        if entry:
            executors[component(spec, name)["executorLabel"]] = entry
    return {"platforms": {"kubernetes": {"deploymentSpec": {"executors": executors}}}}


def pod_settings(step: StepConfig) -> Spec:
    """Returns what the second document says of a step's pod beside its claims."""
    settings = {
        "nodeSelector": {"labels": dict(step.node_selector or {})} if step.node_selector else None,
        "tolerations": [
            toleration.model_dump(exclude_none=True, exclude_defaults=True)
            | {"operator": toleration.operator}
            for toleration in step.tolerations or ()
        ],
        "secretAsEnv": [
            {"secretName": secret, "keyToEnv": [{"secretKey": key, "envVar": variable}]}
            for variable, source in sorted((step.secret_variables or {}).items())
            for secret, _, key in [source.partition("/")]
        ],
        "secretAsVolume": [
            {"secretName": secret, "mountPath": path}
            for path, secret in sorted((step.secret_volumes or {}).items())
        ],
    }
    return {name: value for name, value in settings.items() if value}


def _check_volumes(name: str, claims: Sequence[Mapping[str, str]], entry: Spec) -> None:
    """Refuses a claim and a secret of one name: Kubeflow gives their volumes that name."""
    secrets = {volume["secretName"] for volume in entry.get("secretAsVolume", ())}
    for claim in claims:
        if claim["constant"] in secrets:
            raise ConfigError(
                f"kubeflow.steps.{name}: claim and secret are both called "
                f"{shown(claim['constant'])}; accepted: two names"
            )

"""The specification of a run of one step that carries out a local command on the served folder."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from typing import Any

import yaml

from components.errors import ConfigError, shown
from pipeline.kubeflow.parameters import STRING
from pipeline.kubeflow.served.compiled import Compiled

MODULE = "pipeline.kubeflow.step.served_command"
ARGUMENTS = "arguments"
RESULT = "answer"
_LONGEST_NAME = 40  # names of pods begin with it, and have at most 63 characters


def run_arguments(line: Sequence[str]) -> str:
    """Returns a command's arguments as the value of the run parameter.

    Raises:
        ConfigError: The cluster would read a template in it.
    """
    for text in line:
        if "{{" in text:
            raise ConfigError(f"{shown(text)} holds '{{{{', which Kubeflow reads as a template")
    return shlex.join(line)


def one_step(compiled: Compiled, command: str, like: str, paths: Sequence[str], width: int) -> str:
    """Returns the two documents of the run as one text.

    Args:
        compiled: The package whose folder it is about: it gives image, claims and requests.
        command: Name of the local command.
        like: Step whose resources, environment and nodes it gets.
        paths: What it reads and writes beside the served folder; their volumes are mounted too.
        width: Columns of the answer.

    Raises:
        ConfigError: A path is on no volume.
    """
    step = command.capitalize()
    root = compiled.output_root
    spec: dict[str, Any] = {
        "schemaVersion": "2.1.0",
        "sdkVersion": "two-tower",
        "pipelineInfo": {
            "name": f"{compiled.name[:_LONGEST_NAME]}-{command}",
            "description": f"{step} of the served folder {compiled.destination}.",
        },
        "defaultPipelineRoot": compiled.pipeline_root,
        "root": {
            "inputDefinitions": {"parameters": {ARGUMENTS: _declared(command)}},
            "dag": {"tasks": {step: _task(step)}},
        },
        "components": {step: _component(step)},
        "deploymentSpec": {
            "executors": {step: {"container": _container(compiled, command, like, root, width)}}
        },
    }
    entry = {**compiled.kubernetes(like), "pvcMount": _claims(compiled, [root, *paths])}
    platform = {"platforms": {"kubernetes": {"deploymentSpec": {"executors": {step: entry}}}}}
    return yaml.safe_dump_all([spec, platform], sort_keys=True, allow_unicode=True)


def _declared(command: str) -> dict[str, Any]:
    return {
        "parameterType": STRING,
        "description": f"Options as of `local_runner.py {command}`.",
    }


def _task(step: str) -> dict[str, Any]:
    # Never taken from a cache; and never tried again: a second attempt would roll back further.
    return {
        "taskInfo": {"name": step},
        "componentRef": {"name": step},
        "cachingOptions": {},
        "inputs": {"parameters": {ARGUMENTS: {"componentInputParameter": ARGUMENTS}}},
    }


def _component(step: str) -> dict[str, Any]:
    page = {"artifactType": {"schemaTitle": "system.Markdown", "schemaVersion": "0.0.1"}}
    return {
        "executorLabel": step,
        "inputDefinitions": {"parameters": {ARGUMENTS: {"parameterType": STRING}}},
        "outputDefinitions": {"artifacts": {RESULT: page}},
    }


def _container(
    compiled: Compiled, command: str, like: str, root: str, width: int
) -> dict[str, Any]:
    places = ["--destination", compiled.destination, "--root", root]
    given = compiled.container(like)
    return {
        "image": given["image"],
        "command": ["python", "-m", MODULE],
        "args": [command, *places, "--columns", str(width), "--executor_input", "{{$}}"],
        "env": given.get("env") or [],
        "resources": given.get("resources") or {},
    }


def _claims(compiled: Compiled, paths: Sequence[str]) -> list[dict[str, str]]:
    volumes = {}
    for path in (compiled.destination, *paths):
        volume = compiled.volume_of(path)
        if volume is None:
            there = ", ".join(sorted(compiled.mounts)) or "none"
            raise ConfigError(
                f"{shown(path)} is on no volume of the cluster; accepted: a path below one of "
                f"them: {there}"
            )
        volumes[volume[0]] = volume[1]
    return [{"constant": claim, "mountPath": path} for path, claim in sorted(volumes.items())]

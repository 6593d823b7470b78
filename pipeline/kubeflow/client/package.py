"""The compiled package: its specification, and values for its run parameters."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from components.errors import ConfigError, shown
from pipeline.config import text_file, yaml_reader
from pipeline.config.settings import nearest


def read_package(package: Path) -> dict[str, Any]:
    """Returns the pipeline specification of a package.

    Raises:
        ConfigError: There is none in the file.
    """
    text = text_file.read_text(package, "--package")
    spec = yaml_reader.load(text, f"--package: {shown(package)}", several=True)
    if not is_specification(spec):
        raise ConfigError(
            f"--package: {shown(package)} is not what `kubeflow_runner.py compile` writes"
        )
    return spec


def is_specification(spec: Any) -> bool:
    """Returns whether a value has the parts of a specification that the commands look at."""
    try:
        name, declared = spec["pipelineInfo"]["name"], _declared(spec)
        kinds = [parameter["parameterType"] for parameter in declared.values()]
    except (TypeError, KeyError, AttributeError):
        return False
    return isinstance(name, str) and bool(name) and all(isinstance(kind, str) for kind in kinds)


def pipeline_root(spec: Mapping[str, Any]) -> str | None:
    """Returns where a specification puts artifacts; None if it does not say so.

    Only Kubeflow's page reads it there. A run that is made by the API must be told, or its
    artifacts go to the default bucket of the cluster.
    """
    root = spec.get("defaultPipelineRoot")
    return root if isinstance(root, str) and root else None


def _declared(spec: Mapping[str, Any]) -> Mapping[str, Any]:
    """Returns the run parameters of a specification by name."""
    return spec["root"].get("inputDefinitions", {}).get("parameters", {})


def read_values(spec: Mapping[str, Any], assignments: list[str]) -> dict[str, Any]:
    """Returns the run parameters that are given as NAME=VALUE, typed as the package declares them.

    Raises:
        ConfigError: There is no such run parameter, or a value is not a number where one is needed.
    """
    declared = _declared(spec)
    if any(re.match(r"settings=(?:.*[;\n])?\s*notify\.", text, re.DOTALL) for text in assignments):
        raise ConfigError(
            "--param: settings: no step posts to a webhook, whose URL may be a secret and would be "
            "readable in the run; leave notify.* out"
        )
    return dict(_read_value(declared, text) for text in assignments)


def _read_value(declared: Mapping[str, Any], text: str) -> tuple[str, Any]:
    name, equals, value = text.partition("=")
    if not equals:
        raise ConfigError(f"--param: {shown(text)} is not NAME=VALUE, as in epochs=10")
    if name not in declared:
        raise ConfigError(f"--param: no run parameter {shown(name)}{nearest(name, declared)}")
    kinds: dict[str, Callable[[str], Any]] = {"NUMBER_INTEGER": int, "NUMBER_DOUBLE": _finite}
    try:
        return name, kinds.get(declared[name]["parameterType"], str)(value)
    except ValueError:
        raise ConfigError(f"--param: {name}={shown(value)} is not a number") from None


def _finite(text: str) -> float:
    """Returns the number in a text; JSON has none that is not finite.

    Raises:
        ValueError: There is none.
    """
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(text)
    return number


def description(spec: Mapping[str, Any], docs: str | None = None) -> str:
    """Returns what the page says of a pipeline or a version, in Markdown with a link to `docs`."""
    try:
        executors = spec["deploymentSpec"]["executors"].values()
        images = {str(one["container"]["image"]) for one in executors if "container" in one}
    except (KeyError, TypeError, AttributeError):
        images = set()  # a specification of somebody's own: the cluster says what is wrong with it
    parts = [
        str(spec["pipelineInfo"].get("description") or "A two-tower retrieval model."),
        f"Image {', '.join(sorted(images))}." if images else "",
        f"[How it works, and what the run parameters mean]({docs})." if docs else "",
    ]
    return " ".join(filter(None, parts))

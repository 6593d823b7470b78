"""The compiled package: its specification, and values for its run parameters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import yaml

from components.errors import ConfigError
from pipeline.config.settings import nearest


def read_package(package: Path) -> dict[str, Any]:
    """Returns the pipeline specification of a package.

    Raises:
        ConfigError: There is none in the file.
    """
    try:
        spec = next(yaml.safe_load_all(package.read_text(encoding="utf-8")))
        if isinstance(spec, dict) and "pipelineInfo" in spec:
            return spec
    except OSError as error:
        raise ConfigError(f"--package: cannot read {package}: {error.strerror}") from error
    except (yaml.YAMLError, UnicodeDecodeError, StopIteration):
        pass
    raise ConfigError(f"--package: {package} is not what `kubeflow_runner.py compile` writes")


def read_values(spec: Mapping[str, Any], assignments: list[str]) -> dict[str, Any]:
    """Returns the run parameters that are given as NAME=VALUE, typed as the package declares them.

    Raises:
        ConfigError: There is no such run parameter, or a value is not a number where one is needed.
    """
    declared = spec["root"].get("inputDefinitions", {}).get("parameters", {})
    return dict(_read_value(declared, text) for text in assignments)


def _read_value(declared: Mapping[str, Any], text: str) -> tuple[str, Any]:
    name, equals, value = text.partition("=")
    if not equals:
        raise ConfigError(f"--param: {text!r} is not NAME=VALUE, as in epochs=10")
    if name not in declared:
        raise ConfigError(f"--param: no run parameter {name!r}{nearest(name, declared)}")
    kinds: dict[str, Callable[[str], Any]] = {"NUMBER_INTEGER": int, "NUMBER_DOUBLE": float}
    try:
        return name, kinds.get(declared[name]["parameterType"], str)(value)
    except ValueError:
        raise ConfigError(f"--param: {name}={value!r} is not a number") from None

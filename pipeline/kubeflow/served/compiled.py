"""What a compiled package says of the cluster: image, claims, places, requests of steps."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from components.errors import ConfigError, shown
from pipeline import nodes
from pipeline.config import text_file, yaml_reader
from pipeline.kubeflow.client import package
from pipeline.kubeflow.history_root import history_root


@dataclass(frozen=True)
class Compiled:
    """A package as `compile` wrote it.

    Attributes:
        spec: The pipeline specification.
        executors: The platform's part of each executor by its label; {} where there is none.
    """

    spec: dict[str, Any]
    executors: dict[str, dict[str, Any]]

    @property
    def name(self) -> str:
        """Name of the pipeline."""
        return self.spec["pipelineInfo"]["name"]

    @property
    def pipeline_root(self) -> str:
        """Where artifacts go.

        Raises:
            ValueError: The specification does not say so.
        """
        root = package.pipeline_root(self.spec)
        if root is None:
            raise ValueError("no pipeline root")
        return root

    @property
    def steps(self) -> dict[str, dict[str, Any]]:
        """Image, environment and resources of each step that is a container, by its name."""
        executors = self.spec["deploymentSpec"]["executors"]
        found = {
            step: dict(executors[self._label(step)].get("container") or {})
            for step in self.spec["root"]["dag"]["tasks"]
        }
        return {step: container for step, container in found.items() if container}

    def _label(self, step: str) -> str:
        component = self.spec["root"]["dag"]["tasks"][step]["componentRef"]["name"]
        return self.spec["components"][component]["executorLabel"]

    def container(self, step: str) -> dict[str, Any]:
        """Returns image, environment and resources of a step.

        Raises:
            ConfigError: There is no such step.
        """
        if step not in self.steps:
            raise ConfigError(f"--package: there is no step {step}; compile it again")
        return self.steps[step]

    def kubernetes(self, step: str) -> dict[str, Any]:
        """Returns what the platform's document says of a step."""
        return dict(self.executors.get(self._label(step)) or {})

    @property
    def images(self) -> set[str]:
        """The images of the steps."""
        return {container["image"] for container in self.steps.values()}

    @property
    def mounts(self) -> dict[str, str]:
        """The claims by the paths at which steps mount them."""
        return {
            mount["mountPath"]: mount["constant"]
            for entry in self.executors.values()
            for mount in entry.get("pvcMount", [])
        }

    @property
    def destination(self) -> str:
        """Folder of the served versions, as containers see it.

        Raises:
            ConfigError: No step says so.
        """
        try:
            inputs = self.spec["root"]["dag"]["tasks"][nodes.LIVE_MODEL.id]["inputs"]
            return str(inputs["parameters"]["destination"]["runtimeValue"]["constant"])
        except (KeyError, TypeError):
            raise ConfigError(
                f"--package: no step {nodes.LIVE_MODEL.id} says where the models are served; "
                "compile it again"
            ) from None

    def volume_of(self, path: str) -> tuple[str, str] | None:
        """Returns mount path and claim of the volume that holds a path; None if none does."""
        folders = [str(folder) for folder in (PurePosixPath(path), *PurePosixPath(path).parents)]
        return next(((one, self.mounts[one]) for one in folders if one in self.mounts), None)

    @property
    def output_root(self) -> str:
        """Folder of the history, `history/NAME.jsonl` in it; see `history_root`.

        Raises:
            ConfigError: That is on no volume, so a history would be lost.
        """
        root = history_root(self.destination, lambda path: self.volume_of(path) is not None)
        if root is None:
            folder = PurePosixPath(self.destination).parent
            raise ConfigError(
                f"--package: the history of {shown(self.destination, quote=False)} would stand in "
                f"{folder}, which is on no volume; compile with --pvc CLAIM:{folder}"
            )
        return root


def read(path: Path) -> Compiled:
    """Returns a package.

    Raises:
        ConfigError: It is not what `compile` writes.
    """
    text = text_file.read_text(path, "--package")
    documents = yaml_reader.load_all(text, f"--package: {shown(path)}")
    try:
        (spec,) = (one for one in documents if package.is_specification(one))
        platforms = [one["platforms"] for one in documents if one is not spec]
        compiled = Compiled(
            spec,
            {
                label: entry
                for platform in platforms
                for label, entry in platform["kubernetes"]["deploymentSpec"]["executors"].items()
            },
        )
        _look_at_all(compiled)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise ConfigError(
            f"--package: {shown(path)} is not what `kubeflow_runner.py compile` writes"
        ) from error
    return compiled


def _look_at_all(compiled: Compiled) -> None:
    """Reads every fact once, so that what is missing is found before the cluster is asked."""
    _ = compiled.name, compiled.pipeline_root, compiled.images, compiled.mounts
    for step in compiled.steps:
        compiled.kubernetes(step)

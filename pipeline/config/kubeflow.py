"""Settings of runs on Kubeflow: what each step requests from the cluster."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from components.config import Section

# What Kubernetes takes: thousandths of a core, and names such as nvidia.com/gpu.
Cores = Annotated[float, Field(ge=0.001, le=100_000)]
Gigabytes = Annotated[float, Field(ge=0.001, le=1_000_000)]
_WORD = "[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?"
ResourceName = Annotated[
    str, Field(pattern=rf"^(?:[a-z0-9](?:[a-z0-9.-]{{0,251}}[a-z0-9])?/)?{_WORD}$")
]
LabelValue = Annotated[str, Field(pattern=rf"^(?:{_WORD})?$")]


class StepConfig(Section):
    """What one step requests from the cluster; a missing value is that of `default`."""

    cpu_request: Cores | None = Field(None, description="Cores that are reserved.")
    cpu_limit: Cores | None = Field(None, description="Cores at most.")
    memory_request: Gigabytes | None = Field(None, description="Memory reserved, in GB.")
    memory_limit: Gigabytes | None = Field(None, description="Memory at most, in GB.")
    gpus: int | None = Field(None, ge=0, le=1000, description="Accelerators.")
    gpu_type: ResourceName | None = Field(None, description="Resource name of the accelerator.")
    node_selector: dict[ResourceName, LabelValue] | None = Field(
        None, description="Labels of the nodes to run on."
    )
    retries: int | None = Field(
        None, ge=0, le=1000, description="Times a failed step is started again."
    )
    cache: bool | None = Field(
        None, description="Whether outputs of an equal step are taken again."
    )

    def over(self, base: StepConfig) -> StepConfig:
        """Returns these settings, with those that are not given taken from `base`."""
        given = self.model_dump(exclude_none=True)
        return StepConfig(**{**base.model_dump(), **given})


DEFAULT = "default"


class KubeflowConfig(Section):
    """What the steps request from the cluster; used by kubeflow_runner.py only."""

    steps: dict[str, StepConfig] = Field(
        {},
        description="Requests of each step by its name, or `default`, over the built-in ones, "
        "for example {Trainer: {gpus: 1, memory_limit: 16}}.",
    )
    backoff_seconds: int = Field(30, ge=1, le=86_400, description="Wait before the first retry.")
    backoff_factor: float = Field(
        2.0, ge=1, le=100, description="Each further wait is as many times longer."
    )
    backoff_max_seconds: int = Field(
        600, ge=1, le=86_400, description="Longest wait between retries."
    )

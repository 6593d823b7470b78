"""Settings of runs on Kubeflow: what each step requests from the cluster."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from components.config import Section

# What Kubernetes takes: thousandths of a core, and names such as nvidia.com/gpu.
Cores = Annotated[float, Field(ge=0.001, le=100_000)]
Gigabytes = Annotated[float, Field(ge=0.001, le=1_000_000)]
_WORD = "[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?"
ResourceName = Annotated[
    str, Field(pattern=rf"^(?:[a-z0-9](?:[a-z0-9.-]{{0,251}}[a-z0-9])?/)?{_WORD}$")
]
LabelValue = Annotated[str, Field(pattern=rf"^(?:{_WORD})?$")]
VariableName = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_.-]*$")]
# Kubeflow names the volume of a secret after it, so the name must be that of a volume too.
LABEL = "[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?"
SecretName = Annotated[str, Field(pattern=rf"^{LABEL}$")]
SecretKey = Annotated[str, Field(pattern=rf"^{LABEL}/[A-Za-z0-9_.-]{{1,253}}$")]
MountPath = Annotated[str, Field(pattern=r"^/[^/:\s][^:\s]*$")]


class Toleration(Section):
    """A taint of nodes that a step tolerates, as Kubernetes has it."""

    key: ResourceName | None = Field(None, description="Key of the taint; null: of any.")
    operator: Literal["Equal", "Exists"] = Field("Equal", description="How value is compared.")
    value: LabelValue = Field("", description="Value of the taint; none with Exists.")
    effect: Literal["NoSchedule", "PreferNoSchedule", "NoExecute"] | None = Field(
        None, description="Effect of the taint; null: any."
    )

    @model_validator(mode="after")
    def _check_operator(self) -> Toleration:
        """Refuses what Kubernetes refuses when the pod is made."""
        if self.operator == "Exists" and self.value:
            raise ValueError("operator Exists takes no value; accepted: operator Equal with one")
        if self.operator == "Equal" and self.key is None:
            raise ValueError("operator Equal needs a key; accepted: operator Exists without one")
        return self


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
    tolerations: list[Toleration] | None = Field(
        None, description="Taints of nodes to run on all the same, as {key: gpu, operator: Exists}."
    )
    secret_variables: dict[VariableName, SecretKey] | None = Field(
        None, description="Environment variables from secrets, as {AWS_SECRET_KEY: s3/secretkey}."
    )
    secret_volumes: dict[MountPath, SecretName] | None = Field(
        None, description="Secrets as folders of files, as {/etc/kafka: kafka-client}."
    )
    retries: int | None = Field(
        None, ge=0, le=1000, description="Times a failed step is started again."
    )
    cache: bool | None = Field(
        None, description="Whether outputs of an equal step are taken again."
    )

    @field_validator("secret_volumes")
    @classmethod
    def _check_volumes(cls, value: dict[str, str] | None) -> dict[str, str] | None:
        """Refuses a secret at two places: Kubeflow would give both volumes the same name."""
        if any(".." in path.split("/") for path in value or {}):
            raise ValueError("a path with '..' in it; accepted: the folder itself")
        names = list((value or {}).values())
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"secret {name} at two places; accepted: one")
        return value

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

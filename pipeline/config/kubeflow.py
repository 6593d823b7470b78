"""Settings of runs on Kubeflow: what each step asks of the cluster."""

from __future__ import annotations

from pydantic import Field

from components.config import Section


class StepConfig(Section):
    """What one step asks of the cluster; a value that is not given is that of `default`."""

    cpu_request: float | None = Field(None, gt=0, description="Cores that are reserved.")
    cpu_limit: float | None = Field(None, gt=0, description="Cores at most.")
    memory_request: float | None = Field(None, gt=0, description="Memory reserved, in GB.")
    memory_limit: float | None = Field(None, gt=0, description="Memory at most, in GB.")
    gpus: int | None = Field(None, ge=0, description="Accelerators.")
    gpu_type: str | None = Field(None, description="Resource name of the accelerator.")
    node_selector: dict[str, str] | None = Field(None, description="Labels of the nodes to run on.")
    retries: int | None = Field(None, ge=0, description="Times a failed step is started again.")
    cache: bool | None = Field(
        None, description="Whether outputs of an equal step are taken again."
    )

    def over(self, base: StepConfig) -> StepConfig:
        """Returns these settings, with those that are not given taken from `base`."""
        given = self.model_dump(exclude_none=True)
        return StepConfig(**{**base.model_dump(), **given})


DEFAULT = "default"
_SMALL = StepConfig(cpu_request=0.5, memory_request=1.0, memory_limit=4.0)

# Steps that are not here, and values that are not here, are those of `default`. ExampleGen is never
# cached: Kubeflow does not look at the files, only at the name of their folder. What it asks of a
# verdict or of what is live is never cached either.
STEPS: dict[str, StepConfig] = {
    DEFAULT: StepConfig(
        cpu_request=1.0,
        cpu_limit=4.0,
        memory_request=2.0,
        memory_limit=8.0,
        gpus=0,
        gpu_type="nvidia.com/gpu",
        node_selector={},
        retries=2,
        cache=True,
    ),
    "ExampleGen": StepConfig(cache=False),
    "SchemaGen": _SMALL,
    "ExampleValidator": _SMALL.model_copy(update={"retries": 0}),
    "Drift": StepConfig(retries=0),
    "Trainer": StepConfig(cpu_request=2.0, memory_request=4.0),
    "LiveModel": _SMALL.model_copy(update={"cache": False}),
    "Gate": _SMALL.model_copy(update={"retries": 0, "cache": False}),
    "Pusher": _SMALL.model_copy(update={"cache": False}),
}
NEVER_CACHED = ("ExampleGen", "LiveModel", "Gate", "Pusher")


class KubeflowConfig(Section):
    """What the steps ask of the cluster; used by kubeflow_runner.py only."""

    steps: dict[str, StepConfig] = Field(
        {},
        description="Requests of each step by its name, or `default`, over the built-in ones, "
        "for example {Trainer: {gpus: 1, memory_limit: 16}}.",
    )
    backoff_seconds: int = Field(30, ge=1, description="Wait before the first retry.")
    backoff_factor: float = Field(
        2.0, ge=1, description="Each further wait is as many times longer."
    )
    backoff_max_seconds: int = Field(600, ge=1, description="Longest wait between retries.")

    def step(self, name: str) -> StepConfig:
        """Returns the settings of a step, complete."""
        layers = [STEPS[DEFAULT], self.steps.get(DEFAULT), STEPS.get(name), self.steps.get(name)]
        merged = StepConfig()
        for layer in layers:
            if layer is not None:
                merged = layer.over(merged)
        return merged

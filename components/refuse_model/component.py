"""The Gate component: a refused model is a failed step, where nobody reads exit codes."""

from __future__ import annotations

from tfx import types
from tfx.dsl.components.base import base_component, executor_spec
from tfx.types import component_spec, standard_artifacts

from components.artifacts import Metrics
from components.refuse_model.executor import CHECK_KEY, METRICS_KEY, VERDICT_KEY, Executor


class GateSpec(component_spec.ComponentSpec):
    """Figures and serving check → verdict."""

    PARAMETERS: dict[str, component_spec.ExecutionParameter] = {}
    INPUTS = {
        METRICS_KEY: component_spec.ChannelParameter(type=Metrics),
        CHECK_KEY: component_spec.ChannelParameter(type=standard_artifacts.InfraBlessing),
    }
    OUTPUTS = {VERDICT_KEY: component_spec.ChannelParameter(type=Metrics)}


class Gate(base_component.BaseComponent):
    """Lets a model pass that the Evaluator and the serving check accept, and fails for any other.

    The local runner tells of a refused model by its exit code and has no need of this component. On
    Kubeflow it is what makes the run of a refused model red, and it holds the reason.
    """

    SPEC_CLASS = GateSpec
    EXECUTOR_SPEC = executor_spec.ExecutorClassSpec(Executor)

    def __init__(self, metrics: types.BaseChannel, infra_blessing: types.BaseChannel) -> None:
        """Constructs the component.

        Args:
            metrics: the Evaluator's figures and decisions.
            infra_blessing: what the serving check found.
        """
        super().__init__(
            GateSpec(
                metrics=metrics,
                infra_blessing=infra_blessing,
                verdict=types.Channel(type=Metrics),
            )
        )

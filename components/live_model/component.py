"""The LiveModel component: what is pushed now, as the baseline of the Evaluator."""

from __future__ import annotations

from tfx import types
from tfx.dsl.components.base import base_component, executor_spec
from tfx.types import component_spec, standard_artifacts

from components.live_model.executor import (
    AUTO,
    DESTINATION_KEY,
    MODEL_KEY,
    VERSION_KEY,
    Executor,
)


class LiveModelSpec(component_spec.ComponentSpec):
    """Where models are pushed and which version is live → that model."""

    PARAMETERS = {
        DESTINATION_KEY: component_spec.ExecutionParameter(type=str),
        VERSION_KEY: component_spec.ExecutionParameter(type=str),
    }
    INPUTS: dict[str, component_spec.ChannelParameter] = {}
    OUTPUTS = {MODEL_KEY: component_spec.ChannelParameter(type=standard_artifacts.Model)}


class LiveModel(base_component.BaseComponent):
    """Gives the model that is live as an artifact, marked absent where nothing is live.

    The version is a parameter, not looked up in the step, so that the cached answer is used exactly
    as long as the same version is live.
    """

    SPEC_CLASS = LiveModelSpec
    EXECUTOR_SPEC = executor_spec.ExecutorClassSpec(Executor)

    def __init__(self, destination: str, version: str = AUTO) -> None:
        """Constructs the component.

        Args:
            destination: `serving_model/<name>`, the Pusher's destination.
            version: name of the live version as `find_live` gives it, "" for none; "auto" looks it
                up in the step, where the folder cannot be read before the run.
        """
        model = types.Channel(type=standard_artifacts.Model)
        super().__init__(LiveModelSpec(destination=destination, version=version, model=model))

"""The ServingCheck component: does the exported model answer as a server needs it to?"""

from __future__ import annotations

from tfx import types
from tfx.dsl.components.base import base_component, executor_spec
from tfx.types import component_spec, standard_artifacts

from components.serving_check.config import ServingCheckConfig
from components.serving_check.executor import (
    BLESSING_KEY,
    CONFIG_KEY,
    EXAMPLES_KEY,
    MODEL_KEY,
    MOVIES_KEY,
    Executor,
)


class ServingCheckSpec(component_spec.ComponentSpec):
    """Exported model and the data it was trained on → infra blessing."""

    PARAMETERS = {
        CONFIG_KEY: component_spec.ExecutionParameter(type=str),
    }
    INPUTS = {
        MODEL_KEY: component_spec.ChannelParameter(type=standard_artifacts.Model),
        EXAMPLES_KEY: component_spec.ChannelParameter(type=standard_artifacts.Examples),
        MOVIES_KEY: component_spec.ChannelParameter(type=standard_artifacts.Examples),
    }
    OUTPUTS = {BLESSING_KEY: component_spec.ChannelParameter(type=standard_artifacts.InfraBlessing)}


class ServingCheck(base_component.BaseComponent):
    """Loads the exported model in a fresh process, queries it, and blesses it if all is right."""

    SPEC_CLASS = ServingCheckSpec
    EXECUTOR_SPEC = executor_spec.ExecutorClassSpec(Executor)

    def __init__(
        self,
        model: types.BaseChannel,
        examples: types.BaseChannel,
        movies: types.BaseChannel,
        config: ServingCheckConfig,
    ) -> None:
        """Constructs the component.

        Args:
            model: the trained Model.
            examples: Examples with the split train, one Example per user.
            movies: Examples with the split movies, the catalogue.
            config: what is asked and what is accepted.
        """
        super().__init__(
            ServingCheckSpec(
                model=model,
                examples=examples,
                movies=movies,
                config=config.to_json(),
                blessing=types.Channel(type=standard_artifacts.InfraBlessing),
            )
        )

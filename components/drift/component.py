"""The Drift component."""

from __future__ import annotations

from tfx import types
from tfx.dsl.components.base import base_component, executor_spec
from tfx.types import component_spec, standard_artifacts

from components.artifacts import Metrics
from components.drift.config import DriftConfig
from components.drift.executor import (
    CONFIG_KEY,
    DRIFT_KEY,
    EXAMPLES_KEY,
    LIVE_MODEL_KEY,
    SCHEMA_KEY,
    STATISTICS_KEY,
    Executor,
)


class DriftSpec(component_spec.ComponentSpec):
    """Examples, their statistics and the live model → measures of drift."""

    PARAMETERS = {CONFIG_KEY: component_spec.ExecutionParameter(type=str)}
    INPUTS = {
        STATISTICS_KEY: component_spec.ChannelParameter(type=standard_artifacts.ExampleStatistics),
        SCHEMA_KEY: component_spec.ChannelParameter(type=standard_artifacts.Schema),
        EXAMPLES_KEY: component_spec.ChannelParameter(type=standard_artifacts.Examples),
        LIVE_MODEL_KEY: component_spec.ChannelParameter(type=standard_artifacts.Model),
    }
    OUTPUTS = {DRIFT_KEY: component_spec.ChannelParameter(type=Metrics)}


class Drift(base_component.BaseComponent):
    """Compares today's data with those that the live model was trained on.

    A component of ours beside TFX's DistributionValidator: that one takes the statistics of an
    earlier run, which only a resolver finds, and Kubeflow has none; and it knows no new ids.
    """

    SPEC_CLASS = DriftSpec
    EXECUTOR_SPEC = executor_spec.ExecutorClassSpec(Executor)

    def __init__(
        self,
        statistics: types.BaseChannel,
        schema: types.BaseChannel,
        examples: types.BaseChannel,
        live_model: types.BaseChannel,
        config: DriftConfig,
    ) -> None:
        """Constructs the component.

        Args:
            statistics: Statistics of the examples.
            schema: Schema with drift comparators.
            examples: What is compared.
            live_model: The live model, or an artifact that is marked as absent.
            config: Settings.
        """
        super().__init__(
            DriftSpec(
                statistics=statistics,
                schema=schema,
                examples=examples,
                live_model=live_model,
                config=config.to_json(),
                drift=types.Channel(type=Metrics),
            )
        )

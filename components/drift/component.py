"""The Drift component."""

from __future__ import annotations

from tfx.types import standard_artifacts

from components.artifacts import Metrics
from components.component import Component
from components.drift.executor import (
    CONFIG_KEY,
    DRIFT_KEY,
    EXAMPLES_KEY,
    LIVE_MODEL_KEY,
    SCHEMA_KEY,
    STATISTICS_KEY,
    Executor,
)


class Drift(Component):
    """Compares today's data with those that the live model was trained on.

    A component of ours beside TFX's DistributionValidator: that one takes the statistics of an
    earlier run, which only a resolver finds, and Kubeflow has none; and it knows no new ids.

    Inputs:
        statistics: Statistics of the examples.
        schema: Schema with drift comparators.
        examples: What is compared.
        live_model: The live model, or an artifact that is marked as absent.

    Parameters:
        config: DriftConfig.
    """

    EXECUTOR = Executor
    INPUTS = {
        STATISTICS_KEY: standard_artifacts.ExampleStatistics,
        SCHEMA_KEY: standard_artifacts.Schema,
        EXAMPLES_KEY: standard_artifacts.Examples,
        LIVE_MODEL_KEY: standard_artifacts.Model,
    }
    OUTPUTS = {DRIFT_KEY: Metrics}
    PARAMETERS = (CONFIG_KEY,)

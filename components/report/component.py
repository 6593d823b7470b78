"""The Report component: one page that explains a run."""

from __future__ import annotations

from tfx import types
from tfx.dsl.components.base import base_component, executor_spec
from tfx.types import component_spec, standard_artifacts

from components.artifacts import Html, Metrics
from components.report.config import ReportConfig
from components.report.executor import (
    ANOMALIES_KEY,
    CHECK_KEY,
    CONFIG_KEY,
    DRIFT_KEY,
    EVALUATION_KEY,
    EXAMPLES_KEY,
    LIVE_MODEL_KEY,
    METRICS_KEY,
    MODEL_KEY,
    MODEL_RUN_KEY,
    MOVIES_KEY,
    PAGE_KEY,
    PIPELINE_KEY,
    TUNER_RESULTS_KEY,
    Executor,
)


class ReportSpec(component_spec.ComponentSpec):
    """Everything that a run leaves before it pushes → a page."""

    PARAMETERS = {
        PIPELINE_KEY: component_spec.ExecutionParameter(type=str),
        CONFIG_KEY: component_spec.ExecutionParameter(type=str),
    }
    INPUTS = {
        EXAMPLES_KEY: component_spec.ChannelParameter(type=standard_artifacts.Examples),
        MOVIES_KEY: component_spec.ChannelParameter(type=standard_artifacts.Examples),
        ANOMALIES_KEY: component_spec.ChannelParameter(type=standard_artifacts.ExampleAnomalies),
        DRIFT_KEY: component_spec.ChannelParameter(type=Metrics),
        MODEL_KEY: component_spec.ChannelParameter(type=standard_artifacts.Model),
        MODEL_RUN_KEY: component_spec.ChannelParameter(type=standard_artifacts.ModelRun),
        LIVE_MODEL_KEY: component_spec.ChannelParameter(type=standard_artifacts.Model),
        EVALUATION_KEY: component_spec.ChannelParameter(type=standard_artifacts.ModelEvaluation),
        METRICS_KEY: component_spec.ChannelParameter(type=Metrics),
        CHECK_KEY: component_spec.ChannelParameter(type=standard_artifacts.InfraBlessing),
        TUNER_RESULTS_KEY: component_spec.ChannelParameter(
            type=standard_artifacts.TunerResults, optional=True
        ),
    }
    OUTPUTS = {PAGE_KEY: component_spec.ChannelParameter(type=Html)}


class Report(base_component.BaseComponent):
    """Writes one self-contained HTML page, for accepted and for refused models."""

    SPEC_CLASS = ReportSpec
    EXECUTOR_SPEC = executor_spec.ExecutorClassSpec(Executor)

    def __init__(
        self, pipeline: str, config: ReportConfig, inputs: dict[str, types.BaseChannel]
    ) -> None:
        """Constructs the component.

        Args:
            pipeline: Name of the pipeline, the page's title.
            config: How much is shown.
            inputs: A channel for each of ReportSpec.INPUTS; the optional one where there is one.
        """
        super().__init__(
            ReportSpec(
                pipeline=pipeline,
                config=config.to_json(),
                page=types.Channel(type=Html),
                **inputs,
            )
        )

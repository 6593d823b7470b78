"""The Report component: one page that explains a run."""

from __future__ import annotations

from tfx.types import standard_artifacts

from components.artifacts import Html, Metrics
from components.component import Component
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


class Report(Component):
    """Writes one self-contained HTML page, for accepted and for refused models.

    Inputs: everything that a run leaves before it pushes; a search of hyperparameters where there
    is one.

    Parameters:
        pipeline: Name of the pipeline, the page's title.
        config: ReportConfig: how much is shown.
    """

    EXECUTOR = Executor
    INPUTS = {
        EXAMPLES_KEY: standard_artifacts.Examples,
        MOVIES_KEY: standard_artifacts.Examples,
        ANOMALIES_KEY: standard_artifacts.ExampleAnomalies,
        DRIFT_KEY: Metrics,
        MODEL_KEY: standard_artifacts.Model,
        MODEL_RUN_KEY: standard_artifacts.ModelRun,
        LIVE_MODEL_KEY: standard_artifacts.Model,
        EVALUATION_KEY: standard_artifacts.ModelEvaluation,
        METRICS_KEY: Metrics,
        CHECK_KEY: standard_artifacts.InfraBlessing,
    }
    OPTIONAL_INPUTS = {TUNER_RESULTS_KEY: standard_artifacts.TunerResults}
    OUTPUTS = {PAGE_KEY: Html}
    PARAMETERS = (PIPELINE_KEY, CONFIG_KEY)

"""The RefuseModel component: a refused model is a failed step, where nobody reads exit codes."""

from __future__ import annotations

from tfx.types import standard_artifacts

from components.artifacts import Metrics
from components.component import Component
from components.refuse_model.executor import CHECK_KEY, METRICS_KEY, VERDICT_KEY, Executor


class RefuseModel(Component):
    """Lets a model pass that the Evaluator and the serving check accept, and fails for any other.

    The local runner reports a refused model by its exit code and does not need this component. On
    Kubeflow it is what makes the run of a refused model red, and it holds the reason.

    Inputs:
        metrics: The Evaluator's figures and decisions.
        infra_blessing: The result of the serving check.
    """

    EXECUTOR = Executor
    INPUTS = {METRICS_KEY: Metrics, CHECK_KEY: standard_artifacts.InfraBlessing}
    OUTPUTS = {VERDICT_KEY: Metrics}

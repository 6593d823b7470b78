"""The RefuseModel component: a refused model is a failed step, where nobody reads exit codes."""

from __future__ import annotations

from typing import Any

from tfx.types import standard_artifacts

from components import component
from components.artifacts import Metrics
from components.component import Artifacts
from components.errors import RefusedError
from components.evaluator import result
from components.serving_check.result import read_check


class Executor(component.Executor):
    """Passes or fails."""

    def run(self, inputs: Artifacts, outputs: Artifacts, properties: dict[str, Any]) -> None:
        """Writes the decisions on a model that passes.

        Raises:
            RefusedError: The model is refused; the message has every reason.
        """
        evaluation = result.read(inputs.uri("metrics"))
        check = read_check(inputs.uri("infra_blessing"))
        if reasons := [*evaluation.reasons, *check.reasons]:
            raise RefusedError("the model is refused and not pushed: " + "; ".join(reasons))
        verdict = outputs.one("verdict")
        verdict.set_string_custom_property("verdict", "passed")
        for decision in evaluation.decisions:
            verdict.set_float_custom_property(decision.name, decision.value)
            verdict.set_float_custom_property(f"{decision.name}_threshold", decision.threshold)


class RefuseModel(component.Component):
    """Lets a model pass that the Evaluator and the serving check accept, and fails for any other.

    The local runner reports a refused model by its exit code and does not need this component. On
    Kubeflow it is what makes the run of a refused model red, and it holds the reason.

    Inputs:
        metrics: The Evaluator's figures and decisions.
        infra_blessing: The result of the serving check.
    """

    EXECUTOR = Executor
    INPUTS = {"metrics": Metrics, "infra_blessing": standard_artifacts.InfraBlessing}
    OUTPUTS = {"verdict": Metrics}

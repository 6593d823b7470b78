"""Fails the step of a refused model, with every reason."""

from __future__ import annotations

from typing import Any

from tfx import types
from tfx.dsl.components.base import base_executor
from tfx.types import artifact_utils

from components.errors import RefusedError
from components.evaluator import result
from components.refuse_model.reasons import refusal_reasons
from components.serving_check.result import read_check

METRICS_KEY = "metrics"
CHECK_KEY = "infra_blessing"
VERDICT_KEY = "verdict"


class Executor(base_executor.BaseExecutor):
    """Passes or fails."""

    def Do(
        self,
        input_dict: dict[str, list[types.Artifact]],
        output_dict: dict[str, list[types.Artifact]],
        exec_properties: dict[str, Any],
    ) -> None:
        """Writes the decisions on a model that passes.

        Raises:
            RefusedError: The model is refused.
        """
        evaluation = result.read(artifact_utils.get_single_uri(input_dict[METRICS_KEY]))
        check = read_check(artifact_utils.get_single_uri(input_dict[CHECK_KEY]))
        if reasons := refusal_reasons(evaluation, check):
            raise RefusedError("the model is refused and not pushed: " + "; ".join(reasons))
        artifact = artifact_utils.get_single_instance(output_dict[VERDICT_KEY])
        artifact.set_string_custom_property("verdict", "passed")
        for decision in evaluation.decisions:
            artifact.set_float_custom_property(decision.name, decision.value)
            artifact.set_float_custom_property(f"{decision.name}_threshold", decision.threshold)

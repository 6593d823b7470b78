"""Reads what was decided and raises where the answer is no."""

from __future__ import annotations

from typing import Any

from tfx import types
from tfx.dsl.components.base import base_executor
from tfx.types import artifact_utils

from components.errors import RefusedError
from components.evaluator import result
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
        """Writes the verdict of a model that passes.

        Raises:
            RefusedError: for any other, with every reason.
        """
        found = result.read(artifact_utils.get_single_uri(input_dict[METRICS_KEY]))
        check = read_check(artifact_utils.get_single_uri(input_dict[CHECK_KEY]))
        reasons = refusals(found, check.passed, check.reason)
        if reasons:
            raise RefusedError("the model is refused and not pushed: " + "; ".join(reasons))
        artifact = artifact_utils.get_single_instance(output_dict[VERDICT_KEY])
        artifact.set_string_custom_property("verdict", "passed")
        for decision in found.decisions:
            artifact.set_float_custom_property(decision["name"], decision["value"])
            artifact.set_float_custom_property(
                f"{decision['name']}_threshold", decision["threshold"]
            )


def refusals(found: result.Verdict, check_passed: bool, check_reason: str) -> list[str]:
    """Returns why the model is refused, the gates' reasons first; empty if it is not."""
    return [*found.reasons, *([] if check_passed else [check_reason])]

"""Why a model is not pushed, for the exit code, the record, the report and Kubeflow's step."""

from __future__ import annotations

from components.evaluator.result import EvaluationResult
from components.serving_check.result import ServingCheckResult


def refusal_reasons(evaluation: EvaluationResult, check: ServingCheckResult) -> list[str]:
    """Returns one sentence for each reason, the gates' first; none for a model that is accepted."""
    return [*evaluation.reasons, *([] if check.passed else [check.reason])]

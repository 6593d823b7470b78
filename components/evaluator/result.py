"""The figures and decisions of an evaluation in one small file that is read without TFMA."""

from __future__ import annotations

import json
import math
import os
from dataclasses import asdict, dataclass, field
from typing import Any

from tfx import types
from tfx.dsl.io import fileio
from tfx.utils import io_utils

from components.contracts.metric_names import HEADLINE, POPULARITY, TOP_K
from components.evaluator.config import GateConfig
from components.evaluator.gates import GATES
from components.evaluator.small_data import few_users_warning

FILE_NAME = "verdict.json"


@dataclass(frozen=True)
class GateDecision:
    """One gate's decision on the model.

    Attributes:
        name: Name of the gate.
        value: What was held against the threshold; None if it could not be computed.
        threshold: The least value that passes.
        passed: Whether the gate let the model pass.
        reason: One sentence with the figures.
        k: Length of the lists that were decided on.
    """

    name: str
    value: float | None
    threshold: float
    passed: bool
    reason: str
    k: int = max(TOP_K)

    def as_dict(self) -> dict[str, Any]:
        """Returns the decision as it stands in last_run.json, without the sentence."""
        return {key: value for key, value in asdict(self).items() if key != "reason"}


@dataclass(frozen=True)
class EvaluationResult:
    """What was measured, and what the gates decided.

    Attributes:
        metrics: Of the model over all users, name → value.
        live: Of the live model; empty where there was none.
        decisions: One for each gate that was applied.
        slices: By name of the slice («gender=F»): «model» and «live» → name → value.
        users_of_eval: Number of users of eval, of whom `users` of the metrics were measured; 0
            where `evaluator.users` is 0: all were, and nobody counted them.
    """

    metrics: dict[str, float] = field(default_factory=dict)
    live: dict[str, float] = field(default_factory=dict)
    decisions: list[GateDecision] = field(default_factory=list)
    slices: dict[str, dict[str, dict[str, float]]] = field(default_factory=dict)
    users_of_eval: int = 0

    @property
    def passed(self) -> bool:
        """Whether every gate let the model pass."""
        return all(decision.passed for decision in self.decisions)

    @property
    def reasons(self) -> list[str]:
        """Why the model was refused, one sentence for each gate that it failed."""
        return [decision.reason for decision in self.decisions if not decision.passed]

    @property
    def warnings(self) -> list[str]:
        """What a person should know of the figures, whatever the decisions are."""
        warning = few_users_warning(self.metrics)
        return [warning] if warning else []


def write(result: EvaluationResult, artifact: types.Artifact) -> None:
    """Writes the file, and the figures that people look at as properties of the artifact."""
    text = json.dumps(asdict(result), indent=2, sort_keys=True, allow_nan=False)
    io_utils.write_string_file(os.path.join(artifact.uri, FILE_NAME), text)
    for name, value in shown(result).items():
        if isinstance(value, str):
            artifact.set_string_custom_property(name, value)
        else:
            artifact.set_float_custom_property(name, value)


def read(uri: str) -> EvaluationResult:
    """Reads the file from an artifact's folder."""
    with fileio.open(os.path.join(uri, FILE_NAME)) as file:
        content = json.loads(file.read())
    decisions = [GateDecision(**decision) for decision in content.pop("decisions")]
    return EvaluationResult(**content, decisions=decisions)


def check_thresholds(result: EvaluationResult, config: GateConfig) -> None:
    """Checks that the model was held against the thresholds of these settings.

    Raises:
        RuntimeError: It was held against others, as an outdated cached evaluation would be.
    """
    expected = {gate.name(gate.k(result.metrics)): gate.threshold(config) for gate in GATES}
    for decision in result.decisions:
        if decision.threshold != expected[decision.name]:
            raise RuntimeError(
                f"the Evaluator held {decision.name} against {decision.threshold}, "
                f"the settings say {expected[decision.name]}"
            )


def shown(result: EvaluationResult) -> dict[str, float | str]:
    """Returns the names and figures for people: model, live model, gates, verdict.

    Values that are not finite are left out: Kubeflow's metadata takes none.
    """
    table: dict[str, float | str] = {
        "gate": "passed" if result.passed else "refused: " + "; ".join(result.reasons)
    }
    table.update({name: result.metrics[name] for name in HEADLINE if name in result.metrics})
    for name in HEADLINE:
        if name in result.live and POPULARITY not in name:
            table[f"live_{name}"] = result.live[name]
    for decision in result.decisions:
        table[f"gate_{decision.name}"] = float(decision.passed)
    return {
        name: value
        for name, value in table.items()
        if isinstance(value, str) or math.isfinite(value)
    }

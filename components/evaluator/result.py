"""The figures and decisions of an evaluation in one small file that is read without TFMA."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from tfx import types
from tfx.dsl.io import fileio

from components.evaluator.totals import LISTS, TOP_K

FILE_NAME = "verdict.json"
# What a person looks at first; the page shows the figures in this order where it does not sort.
SHOWN = (
    *(f"{prefix}top_{k}_accuracy" for prefix in LISTS for k in TOP_K),
    "popularity_ratio",
    "unseen_popularity_ratio",
)


@dataclass(frozen=True)
class Verdict:
    """What was measured over all users, and what the gates decided.

    Attributes:
        metrics: Of the model, name → value.
        live: Of the live model; empty where there was none.
        decisions: Name, value (None: not measured), threshold, passed and reason of each gate.
    """

    metrics: dict[str, float] = field(default_factory=dict)
    live: dict[str, float] = field(default_factory=dict)
    decisions: list[dict[str, Any]] = field(default_factory=list)

    @property
    def passed(self) -> bool:
        """Whether every gate let the model pass."""
        return all(decision["passed"] for decision in self.decisions)

    @property
    def reasons(self) -> list[str]:
        """Why the model was refused, one sentence for each gate that it failed."""
        return [decision["reason"] for decision in self.decisions if not decision["passed"]]


def make_verdict(metrics: Mapping[str, Any], decisions: Iterable[Any]) -> Verdict:
    """Puts together what `gate.read_metrics` and `gate.read_gate` return."""
    return Verdict(
        metrics=dict(metrics.get("model", {})),
        live=dict(metrics.get("live", {})),
        decisions=[decision._asdict() for decision in decisions],
    )


def write(verdict: Verdict, artifact: types.Artifact) -> None:
    """Writes the file, and the figures that people look at as properties of the artifact."""
    path = os.path.join(artifact.uri, FILE_NAME)
    fileio.makedirs(artifact.uri)
    with fileio.open(path, "w") as file:
        file.write(json.dumps(asdict(verdict), indent=2, sort_keys=True, allow_nan=False))
    for name, value in shown(verdict).items():
        if isinstance(value, str):
            artifact.set_string_custom_property(name, value)
        else:
            artifact.set_float_custom_property(name, value)


def read(uri: str) -> Verdict:
    """Reads the file from an artifact's folder."""
    with fileio.open(os.path.join(uri, FILE_NAME)) as file:
        return Verdict(**json.loads(file.read()))


def shown(verdict: Verdict) -> dict[str, float | str]:
    """Returns the names and figures for people: model, live model, gates, verdict.

    Values that are not finite are left out: Kubeflow's metadata takes none.
    """
    table: dict[str, float | str] = {
        "gate": "passed" if verdict.passed else "refused: " + "; ".join(verdict.reasons)
    }
    table.update({name: verdict.metrics[name] for name in SHOWN if name in verdict.metrics})
    for name in SHOWN:
        if name in verdict.live and "popularity" not in name:
            table[f"live_{name}"] = verdict.live[name]
    for decision in verdict.decisions:
        table[f"gate_{decision['name']}"] = float(decision["passed"])
    return {
        name: value
        for name, value in table.items()
        if isinstance(value, str) or math.isfinite(value)
    }

"""Reads the facts from the artifacts' folders; what cannot be read is noted, not fatal."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from tfx.dsl.io import fileio

from components.drift import result as drift
from components.evaluator import result
from components.example_validator.executor import describe_anomalies, read_anomalies
from components.package_versions import report_versions
from components.report.config import ReportConfig
from components.report.facts import Facts, InputArtifact, Ratings
from components.report.reading.examples import read_ratings
from components.report.reading.query_model import query_model
from components.serving_check.result import read_check
from components.tuner.trials import TRIALS_FILE

T = TypeVar("T")
SUMMARY_FILE, HISTORY_FILE = "summary.json", "history.json"


@dataclass(frozen=True)
class ReportInputs:
    """Where the inputs are.

    Attributes:
        examples: Folder of the Examples artifact.
        train_files: User Examples of the split train.
        eval_files: The same of eval.
        movie_files: Movie Examples.
        anomalies: Folder of the ExampleAnomalies artifact.
        anomaly_splits: Its splits.
        drift: Folder of the measures of Drift.
        model: Folder of the SavedModel.
        model_run: Folder of the ModelRun artifact.
        metrics: Folder of the Evaluator's figures.
        check: Folder of the InfraBlessing artifact.
        tuner_results: Folder of what the Tuner tried; empty where there was no search.
    """

    examples: str
    train_files: Sequence[str]
    eval_files: Sequence[str]
    movie_files: Sequence[str]
    anomalies: str
    anomaly_splits: Sequence[str]
    drift: str
    model: str
    model_run: str
    metrics: str
    check: str
    tuner_results: str = ""


class _Reader:
    """Reads one part after the other and keeps why a part could not be read."""

    def __init__(self) -> None:
        self.problems: dict[str, str] = {}

    def read(self, part: str, function: Callable[..., T], *arguments: Any) -> T | None:
        """Returns what the function returns, or None where it fails."""
        try:
            return function(*arguments)
        except Exception as error:  # whatever it is, the rest of the report is worth having
            logging.getLogger(__name__).exception("report: %s could not be read", part)
            first_line = (str(error).strip() or type(error).__name__).splitlines()[0]
            self.problems[part] = first_line
            return None


def gather(
    pipeline: str,
    written: str,
    inputs: ReportInputs,
    config: ReportConfig,
    artifacts: list[InputArtifact],
    live_version: str = "",
    span: int = 0,
) -> Facts:
    """Returns all that can be read of a run."""
    reader = _Reader()
    ratings = reader.read("ratings", read_ratings, inputs.train_files, inputs.movie_files)
    return Facts(
        pipeline=pipeline,
        written=written,
        summary=reader.read("summary", _read_json, inputs.examples, SUMMARY_FILE),
        span=span,
        anomalies=reader.read("anomalies", _read_anomalies, inputs),
        drift=reader.read("drift", drift.read, inputs.drift),
        trials=reader.read("trials", _read_trials, inputs.tuner_results),
        history=reader.read("history", _read_json, inputs.model_run, HISTORY_FILE),
        verdict=reader.read("verdict", result.read, inputs.metrics),
        check=reader.read("check", read_check, inputs.check),
        live_version=live_version,
        ratings=ratings,
        query_results=reader.read("query_results", _query_model, inputs, ratings, config)
        if ratings
        else None,
        artifacts=artifacts,
        versions=report_versions(),
        problems=reader.problems,
    )


def _query_model(inputs: ReportInputs, ratings: Ratings, config: ReportConfig) -> Any:
    return query_model(inputs.model, ratings, inputs.train_files, inputs.eval_files, config)


def _read_json(folder: str, name: str) -> dict[str, Any]:
    with fileio.open(os.path.join(folder, name)) as file:
        return json.loads(file.read())


def _read_trials(folder: str) -> dict[str, Any] | None:
    return _read_json(folder, TRIALS_FILE) if folder else None


def _read_anomalies(inputs: ReportInputs) -> list[str]:
    return [
        line
        for split in inputs.anomaly_splits
        for line in describe_anomalies(split, read_anomalies(inputs.anomalies, split))
    ]

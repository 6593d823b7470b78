"""Reads the facts from the artifacts' folders; what cannot be read is noted, not fatal."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar

from tfx import types
from tfx.dsl.io import fileio
from tfx.types import artifact_utils
from tfx.utils import path_utils

from components.component import Artifacts
from components.contracts.example_artifacts import split_files
from components.contracts.examples import EVAL, MOVIES, TRAIN
from components.drift import result as drift
from components.evaluator import result
from components.example_validator.executor import describe_anomalies, read_anomalies
from components.package_versions import report_versions
from components.report.config import ReportConfig
from components.report.facts import Facts
from components.report.reading.examples import read_ratings
from components.report.reading.query_model import query_model
from components.serving_check.result import read_check
from components.tuner.trials import TRIALS_FILE

T = TypeVar("T")
SUMMARY_FILE, HISTORY_FILE = "summary.json", "history.json"


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


def gather(known: Facts, inputs: Artifacts, config: ReportConfig) -> Facts:
    """Adds to the facts that are known already all that can be read of a run.

    Args:
        known: What does not stand in files.
        inputs: Inputs of the Report component; no `tuner_results` where there was no search.
        config: Settings.
    """
    reader = _Reader()
    train_files, movie_files = _files(inputs["examples"], TRAIN), _files(inputs["movies"], MOVIES)
    eval_files = _files(inputs["examples"], EVAL)
    model = path_utils.serving_model_path(inputs.uri("model"))
    trials = inputs.uri("tuner_results") if inputs.get("tuner_results") else ""
    ratings = reader.read("ratings", read_ratings, train_files, movie_files)
    return replace(
        known,
        summary=reader.read("summary", _read_json, inputs.uri("examples"), SUMMARY_FILE),
        anomalies=reader.read("anomalies", _read_anomalies, inputs.one("anomalies")),
        drift=reader.read("drift", drift.read, inputs.uri("drift")),
        trials=reader.read("trials", _read_json, trials, TRIALS_FILE) if trials else None,
        history=reader.read("history", _read_json, inputs.uri("model_run"), HISTORY_FILE),
        verdict=reader.read("verdict", result.read, inputs.uri("metrics")),
        check=reader.read("check", read_check, inputs.uri("infra_blessing")),
        ratings=ratings,
        query_results=reader.read(
            "query_results", query_model, model, ratings, train_files, eval_files, config
        )
        if ratings
        else None,
        versions=report_versions(),
        problems=reader.problems,
    )


def _files(examples: list[types.Artifact], split: str) -> list[str]:
    """Returns the files of a split; none where there is no such split."""
    names = artifact_utils.decode_split_names(examples[0].split_names)
    return split_files(examples, split) if split in names else []


def _read_json(folder: str, name: str) -> dict[str, Any]:
    with fileio.open(os.path.join(folder, name)) as file:
        return json.loads(file.read())


def _read_anomalies(artifact: types.Artifact) -> list[str]:
    return describe_anomalies(read_anomalies(artifact))

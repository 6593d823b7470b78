"""Executor of the Report: artifacts to facts, and the page to its artifact."""

from __future__ import annotations

import datetime
import os
from typing import Any

from tfx import types
from tfx.dsl.components.base import base_executor
from tfx.dsl.io import fileio
from tfx.types import artifact_utils
from tfx.utils import path_utils

from components.contracts.example_artifacts import split_files
from components.contracts.examples import EVAL, MOVIES, TRAIN
from components.live_model import artifact as live_artifact
from components.report.config import ReportConfig
from components.report.facts import InputArtifact

EXAMPLES_KEY = "examples"
MOVIES_KEY = "movies"
ANOMALIES_KEY = "anomalies"
DRIFT_KEY = "drift"
MODEL_KEY = "model"
MODEL_RUN_KEY = "model_run"
LIVE_MODEL_KEY = "live_model"
EVALUATION_KEY = "evaluation"
METRICS_KEY = "metrics"
CHECK_KEY = "infra_blessing"
TUNER_RESULTS_KEY = "tuner_results"
PAGE_KEY = "page"
CONFIG_KEY = "config"
PIPELINE_KEY = "pipeline"
PAGE_FILE = "report.html"
BUCKETS = {"/minio/": "minio://", "/s3/": "s3://", "/gcs/": "gs://"}

Artifacts = dict[str, list[types.Artifact]]


class Executor(base_executor.BaseExecutor):
    """Writes the page."""

    def Do(
        self, input_dict: Artifacts, output_dict: Artifacts, exec_properties: dict[str, Any]
    ) -> None:
        """Reads what there is, builds the page and writes it as the artifact's only file.

        Args:
            input_dict: everything that the page tells of.
            output_dict: page.
            exec_properties: pipeline, the name; config, the ReportConfig as JSON.
        """
        self._log_startup(input_dict, output_dict, exec_properties)
        # Matplotlib, TFDV and TFMA: not needed to build the graph.
        from components.report.build import build_page
        from components.report.page.render import render_page
        from components.report.reading.gather import gather

        now = datetime.datetime.now(datetime.timezone.utc)
        facts = gather(
            pipeline=exec_properties[PIPELINE_KEY],
            written=now.strftime("%Y-%m-%d %H:%M UTC"),
            inputs=report_inputs(input_dict),
            config=ReportConfig.model_validate_json(exec_properties[CONFIG_KEY]),
            artifacts=list_artifacts(input_dict),
            live_version=_live_version(input_dict),
            span=_span(input_dict),
        )
        write_page(render_page(build_page(facts)), output_dict)


def report_inputs(input_dict: Artifacts) -> Any:
    """Returns where the inputs are."""
    from components.report.reading.gather import ReportInputs

    anomalies = artifact_utils.get_single_instance(input_dict[ANOMALIES_KEY])
    return ReportInputs(
        examples=_uri(input_dict, EXAMPLES_KEY),
        train_files=_files(input_dict[EXAMPLES_KEY], TRAIN),
        eval_files=_files(input_dict[EXAMPLES_KEY], EVAL),
        movie_files=_files(input_dict[MOVIES_KEY], MOVIES),
        anomalies=anomalies.uri,
        anomaly_splits=artifact_utils.decode_split_names(anomalies.split_names),
        drift=_uri(input_dict, DRIFT_KEY),
        model=path_utils.serving_model_path(_uri(input_dict, MODEL_KEY)),
        model_run=_uri(input_dict, MODEL_RUN_KEY),
        evaluation=_uri(input_dict, EVALUATION_KEY),
        metrics=_uri(input_dict, METRICS_KEY),
        check=_uri(input_dict, CHECK_KEY),
        tuner_results=(
            _uri(input_dict, TUNER_RESULTS_KEY) if input_dict.get(TUNER_RESULTS_KEY) else ""
        ),
    )


def list_artifacts(input_dict: Artifacts) -> list[InputArtifact]:
    """Returns the lineage: type, id and URI of every input."""
    return [
        InputArtifact(key, artifact.type_name, artifact.id, public_address(artifact.uri))
        for key in sorted(input_dict)
        for artifact in input_dict[key]
    ]


def public_address(uri: str) -> str:
    """Returns where everyone finds an artifact: in a pod of Kubeflow a bucket is a folder."""
    for folder, scheme in BUCKETS.items():
        if uri.startswith(folder):
            return scheme + uri[len(folder) :]
    return uri


def write_page(page: str, output_dict: Artifacts) -> None:
    """Writes the page as the only file of its artifact."""
    folder = _uri(output_dict, PAGE_KEY)
    fileio.makedirs(folder)
    with fileio.open(os.path.join(folder, PAGE_FILE), "wb") as file:
        file.write(page.encode("utf-8"))


def _uri(artifacts: Artifacts, key: str) -> str:
    return artifact_utils.get_single_uri(artifacts[key])


def _files(examples: list[types.Artifact], split: str) -> list[str]:
    """Returns the files of a split; none where there is no such split."""
    names = artifact_utils.decode_split_names(examples[0].split_names)
    if split not in names:
        return []
    return split_files(examples, split)


def _live_version(input_dict: Artifacts) -> str:
    """Returns the version that is live; empty where none is."""
    live = input_dict.get(LIVE_MODEL_KEY)
    if not live or live_artifact.is_absent(live[0]):
        return ""
    return live[0].get_string_custom_property(live_artifact.VERSION)


def _span(input_dict: Artifacts) -> int:
    examples = artifact_utils.get_single_instance(input_dict[EXAMPLES_KEY])
    return examples.get_int_custom_property("span") or 0

"""The Report component: one page that explains a run."""

from __future__ import annotations

import datetime
import os
from typing import Any

from tfx.types import standard_artifacts
from tfx.utils import io_utils

from components import component
from components.artifacts import Html, Metrics
from components.component import Artifacts
from components.live_model.artifact import VERSION, if_present
from components.report.config import ReportConfig
from components.report.facts import Facts, InputArtifact

PAGE_FILE = "report.html"
BUCKETS = {"/minio/": "minio://", "/s3/": "s3://", "/gcs/": "gs://"}


class Executor(component.Executor):
    """Writes the page."""

    def run(self, inputs: Artifacts, outputs: Artifacts, properties: dict[str, Any]) -> None:
        """Reads the inputs, builds the page and writes it as the artifact's only file."""
        # Matplotlib and TFDV: not needed to build the graph.
        from components.report.build import build_page
        from components.report.page.render import render_page
        from components.report.reading.gather import gather

        live = if_present(inputs.get("live_model"))
        now = datetime.datetime.now(datetime.timezone.utc)
        known = Facts(
            pipeline=properties["pipeline"],
            written=now.strftime("%Y-%m-%d %H:%M UTC"),
            artifacts=list_artifacts(inputs),
            live_version=live.get_string_custom_property(VERSION) if live else "",
            span=inputs.one("examples").get_int_custom_property("span") or 0,
        )
        facts = gather(known, inputs, ReportConfig.model_validate_json(properties["config"]))
        page = render_page(build_page(facts)).encode("utf-8")
        io_utils.write_bytes_file(os.path.join(outputs.uri("page"), PAGE_FILE), page)


def list_artifacts(inputs: Artifacts) -> list[InputArtifact]:
    """Returns the lineage: type, id and URI of every input."""
    return [
        InputArtifact(key, artifact.type_name, artifact.id, public_address(artifact.uri))
        for key in sorted(inputs)
        for artifact in inputs[key]
    ]


def public_address(uri: str) -> str:
    """Returns the URI that people use: in a pod of Kubeflow a bucket is mounted as a folder."""
    for folder, scheme in BUCKETS.items():
        if uri.startswith(folder):
            return scheme + uri[len(folder) :]
    return uri


class Report(component.Component):
    """Writes one self-contained HTML page, for accepted and for refused models.

    Inputs: all artifacts of a run that exist before the push; `tuner_results` where there is a
    search.

    Parameters:
        pipeline: Name of the pipeline, the page's title.
        config: ReportConfig: how much is shown.
    """

    EXECUTOR = Executor
    INPUTS = {
        "examples": standard_artifacts.Examples,
        "movies": standard_artifacts.Examples,
        "anomalies": standard_artifacts.ExampleAnomalies,
        "drift": Metrics,
        "model": standard_artifacts.Model,
        "model_run": standard_artifacts.ModelRun,
        "live_model": standard_artifacts.Model,
        "evaluation": standard_artifacts.ModelEvaluation,
        "metrics": Metrics,
        "infra_blessing": standard_artifacts.InfraBlessing,
    }
    OPTIONAL_INPUTS = {"tuner_results": standard_artifacts.TunerResults}
    OUTPUTS = {"page": Html}
    PARAMETERS = ("pipeline", "config")

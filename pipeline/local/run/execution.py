"""The part of a local run that needs TFX: build the graph, run it, read its artifacts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from google.protobuf import text_format
from tfx.orchestration import metadata
from tfx.orchestration.pipeline import Pipeline
from tfx.types import artifact_utils
from tfx.utils import io_utils, path_utils

from components.drift import result as drift
from components.evaluator.decisions import read_gate, read_metrics
from components.example_gen.sources import spans
from components.report import finish
from components.report.executor import PAGE_FILE
from components.served_versions.versions import find_live
from components.serving_check.result import read_check
from components.tuner.executor import RESULTS_KEY, TRIALS_FILE
from pipeline import graph
from pipeline.config.settings import PipelineConfig
from pipeline.local.run.dag import NodeResult, run_dag
from pipeline.local.run.plan import Plan
from pipeline.local.run.run_record import EXIT_PUSHED, EXIT_REFUSED, Outcome
from pipeline.local.run.samples import UserSample, sample_user
from pipeline.local.workspace import history
from pipeline.local.workspace.files import write_aside
from pipeline.local.workspace.workspace import Workspace

Results = dict[str, NodeResult]

__all__ = [
    "build",
    "build_schema_pipeline",
    "node_ids",
    "read_inferred_schema",
    "read_results",
    "read_trials",
    "run_dag",
    "sample_recommendations",
    "save_report",
]


def build(
    workspace: Workspace,
    config: PipelineConfig,
    data_root: Path,
    schema: Path,
    plan: Plan,
    enable_cache: bool,
) -> Pipeline:
    """Builds the graph for a run in this workspace."""
    return graph.create_pipeline(
        workspace.name,
        str(workspace.artifacts.absolute()),
        config,
        graph.Inputs(
            data_root=str(data_root),
            schema_file=str(schema),
            destination=str(workspace.serving.absolute()),
            live_version=plan.baseline_version,
            push_token=plan.push_token,
            several_spans=len(spans.select(str(data_root), config.data)) > 1,
        ),
        enable_cache=enable_cache,
        metadata_connection_config=_connection(workspace),
    )


def build_schema_pipeline(
    workspace: Workspace, config: PipelineConfig, data_root: Path
) -> Pipeline:
    """Builds the graph that infers a schema."""
    return graph.create_schema_pipeline(
        workspace.name,
        str(workspace.artifacts.absolute()),
        config,
        str(data_root),
        metadata_connection_config=_connection(workspace),
    )


def read_inferred_schema(results: Results) -> str:
    """Returns the inferred schema as text, ready to be curated.

    Ids get no domain: a user or movie that is new tomorrow is no anomaly.
    """
    schema = io_utils.SchemaReader().read(
        io_utils.get_only_uri_in_dir(_uri(results, "SchemaGen", "schema"))
    )
    for feature in schema.feature:
        if feature.name.endswith("_id"):
            feature.ClearField("domain")
    names = {feature.domain for feature in schema.feature}
    kept = [domain for domain in schema.string_domain if domain.name in names]
    del schema.string_domain[:]
    schema.string_domain.extend(kept)
    return text_format.MessageToString(schema)


def _connection(workspace: Workspace) -> Any:
    return metadata.sqlite_metadata_connection_config(str(workspace.metadata.absolute()))


def node_ids(pipeline: Pipeline) -> list[str]:
    """Returns the ids of the components in the order they run."""
    return [component.id for component in pipeline.components]


def read_results(
    results: Results,
    config: PipelineConfig,
    workspace: Workspace,
    plan: Plan,
    outcome: Outcome,
) -> None:
    """Fills the outcome from the artifacts of a run whose components all ended well."""
    outcome.data.update(read_data_summary(_uri(results, "ExampleGen", "examples")))
    outcome.data["span"] = spans.describe(outcome.data.get("spans", []))
    outcome.data["window"] = config.data.window
    measures = drift.read(_uri(results, "Drift", "drift"))
    outcome.drift = [{**vars(measure), "drifted": measure.drifted} for measure in measures]
    outcome.warnings += [found] if (found := drift.warning(measures)) else []
    outcome.training = read_training(_uri(results, "Trainer", "model_run"))
    evaluation = _uri(results, "Evaluator", "evaluation")
    metrics = read_metrics(evaluation)
    outcome.metrics = {key: metrics[key] for key in ("model", "live") if metrics.get(key)}
    decisions = read_gate(evaluation, config.gate)
    check = read_check(_uri(results, "ServingCheck", "blessing"))
    outcome.gate = [decision.as_dict() for decision in decisions]
    outcome.gate.append(
        {
            "name": "serving_check",
            "value": float(check.passed),
            "threshold": 1.0,
            "passed": check.passed,
        }
    )
    reasons = [decision.reason for decision in decisions if not decision.passed]
    reasons += [] if check.passed else [check.reason]
    if reasons:
        outcome.status, outcome.exit_code = "refused", EXIT_REFUSED
        outcome.reason = "; ".join(reasons)
        return
    read_push(workspace, plan, outcome)


def read_push(workspace: Workspace, plan: Plan, outcome: Outcome) -> None:
    """Tells what was pushed, or that it was there already."""
    live = find_live(workspace.serving)
    if live is None:
        raise RuntimeError(f"nothing is live in {workspace.serving} after the push")
    version, path = live
    outcome.pushed = {"version": version, "path": str(path)}
    outcome.exit_code = EXIT_PUSHED
    entries = history.read_entries(workspace.history)
    if version == plan.repeated:
        outcome.status = "nothing_new"
        outcome.reason = f"nothing changed since version {version} was pushed"
    elif version == plan.baseline_version and history.entry_of_version(entries, version):
        # The Pusher does not push what is live. Without an entry it did, in a run that was killed.
        outcome.status = "nothing_new"
        outcome.reason = f"the model is the same as version {version}, which is live"
    else:
        outcome.status = "pushed"
        outcome.reason = "all gates passed"


def save_report(results: Results, workspace: Workspace, outcome: Outcome) -> None:
    """Copies the page to where people find it, completed by what became of the model."""
    page = Path(_uri(results, "Report", "page")) / PAGE_FILE
    completed = finish.add_run(
        page.read_text(encoding="utf-8"),
        outcome.status,
        outcome.reason,
        str((outcome.pushed or {}).get("version", "")),
        outcome.components,
    )
    write_aside(workspace.report, completed)
    outcome.report = str(workspace.report.absolute())


def read_data_summary(examples_uri: str) -> dict[str, Any]:
    """Returns the counts that ExampleGen left beside its Examples."""
    return json.loads((Path(examples_uri) / "summary.json").read_text(encoding="utf-8"))


def read_training(model_run_uri: str) -> dict[str, Any]:
    """Returns how the training began (`start`) and how many `epochs` it had."""
    history = json.loads((Path(model_run_uri) / "history.json").read_text(encoding="utf-8"))
    return {"start": history["start"], "epochs": len(history["epochs"])}


def read_trials(results: Results) -> dict[str, Any] | None:
    """Returns what the Tuner wrote of its trials, or None where there was no search."""
    if "Tuner" not in results:
        return None
    path = Path(_uri(results, "Tuner", RESULTS_KEY)) / TRIALS_FILE
    return json.loads(path.read_text(encoding="utf-8"))


def sample_recommendations(results: Results, outcome: Outcome) -> UserSample:
    """Asks the pushed model for one user, to show beside what that user rated best."""
    assert outcome.pushed is not None
    return sample_user(
        Path(outcome.pushed["path"]),
        Path(_uri(results, "ExampleGen", "examples")) / "Split-train",
        Path(_uri(results, "ExampleGen", "movies")) / "Split-movies",
    )


def _uri(results: Results, node_id: str, key: str) -> str:
    return artifact_utils.get_single_instance(results[node_id].outputs[key]).uri


def serving_model_path(results: Results) -> str:
    """Returns the folder of the exported model."""
    artifact = artifact_utils.get_single_instance(results["Trainer"].outputs["model"])
    return path_utils.serving_model_path(artifact.uri)

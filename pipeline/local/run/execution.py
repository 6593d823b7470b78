"""The part of a local run that needs TFX: build the graph, run it, read its artifacts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from google.protobuf import text_format
from tfx.components.schema_gen.component import SchemaGen
from tfx.components.statistics_gen.component import StatisticsGen
from tfx.orchestration import metadata
from tfx.orchestration.pipeline import Pipeline
from tfx.types import artifact_utils
from tfx.utils import io_utils

from components.drift import result as drift
from components.evaluator import result
from components.example_gen.component import RatingsExampleGen
from components.example_gen.sources import spans
from components.example_validator import executor as example_validator
from components.report import finish
from components.report.component import PAGE_FILE
from components.served_versions.versions import find_live
from components.serving_check.result import read_check
from components.tuner.trials import TRIALS_FILE
from pipeline import graph, nodes
from pipeline.config.beam_engines import beam_args
from pipeline.config.settings import PipelineConfig
from pipeline.local.run import inferred_schema
from pipeline.local.run.dag import NodeResult
from pipeline.local.run.plan import Plan
from pipeline.local.run.run_record import EXIT_REFUSED, RunRecord
from pipeline.local.run.samples import RecommendationSample, sample_user
from pipeline.local.workspace import history
from pipeline.local.workspace.files import write_aside
from pipeline.local.workspace.workspace import Workspace

Results = dict[str, NodeResult]


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
    """Wires what infers a schema from other data: ExampleGen, StatisticsGen, SchemaGen."""
    examples = RatingsExampleGen(
        input_base=str(data_root), data=config.data, split=config.split
    ).with_id(nodes.EXAMPLE_GEN.id)
    statistics = StatisticsGen(examples=examples.outputs["examples"])
    schema = SchemaGen(statistics=statistics.outputs["statistics"], infer_feature_shape=True)
    return Pipeline(
        pipeline_name=workspace.name,
        pipeline_root=str(workspace.artifacts.absolute()),
        components=[examples, statistics, schema],
        enable_cache=True,
        beam_pipeline_args=beam_args(config.beam),
        metadata_connection_config=_connection(workspace),
    )


def read_inferred_schema(results: Results) -> str:
    """Returns the inferred schema as text, ready to be curated."""
    inferred = io_utils.SchemaReader().read(
        io_utils.get_only_uri_in_dir(_uri(results, nodes.SCHEMA_GEN, "schema"))
    )
    schema = inferred_schema.complete(inferred, inferred_schema.read_curated())
    return text_format.MessageToString(schema)


def _connection(workspace: Workspace) -> Any:
    return metadata.sqlite_metadata_connection_config(str(workspace.metadata.absolute()))


def read_results(
    results: Results,
    config: PipelineConfig,
    workspace: Workspace,
    plan: Plan,
    record: RunRecord,
) -> None:
    """Fills in the record from the artifacts of a run whose components all ended well."""
    if reasons := read_figures(results, config, record):
        record.end("refused", "; ".join(reasons), EXIT_REFUSED)
        return
    read_push(workspace, plan, record)


def read_figures(results: Results, config: PipelineConfig, record: RunRecord) -> list[str]:
    """Fills in what was measured and decided; returns why the model is refused, if it is.

    What stands after the ServingCheck is not looked at, so the Pusher may be still to come.
    """
    # The counts that ExampleGen left beside its Examples.
    summary = Path(_uri(results, nodes.EXAMPLE_GEN, "examples")) / "summary.json"
    record.data.update(json.loads(summary.read_text(encoding="utf-8")))
    record.warnings += record.data.pop("warnings", [])
    record.data["span"] = spans.describe(record.data.get("spans", []))
    record.data["window"] = config.data.window
    if warning := read_anomalies_warning(results):
        record.warnings.append(warning)
    measures = drift.read(_uri(results, nodes.DRIFT, "drift"))
    record.drift = [{**vars(measure), "drifted": measure.drifted} for measure in measures]
    if warning := drift.warning(measures):
        record.warnings.append(warning)
    record.training = read_training(_uri(results, nodes.TRAINER, "model_run"))
    record.warnings += [f"trainer: {note}" for note in record.training["notes"]]
    evaluation = result.read(_uri(results, nodes.EVALUATOR, "metrics"))
    result.check_thresholds(evaluation, config.gate)
    record.warnings += evaluation.warnings
    figures = {"model": evaluation.metrics, "live": evaluation.live}
    record.data["users_of_eval"] = evaluation.users_of_eval
    record.metrics = {role: metrics for role, metrics in figures.items() if metrics}
    check = read_check(_uri(results, nodes.SERVING_CHECK, "blessing"))
    record.gate = [decision.as_dict() for decision in evaluation.decisions]
    record.gate.append(
        {
            "name": "serving_check",
            "value": float(check.passed),
            "threshold": 1.0,
            "passed": check.passed,
        }
    )
    return [*evaluation.reasons, *check.reasons]


def read_push(workspace: Workspace, plan: Plan, record: RunRecord) -> None:
    """Records the version that was pushed, or that it was live before."""
    live = find_live(workspace.serving)
    if live is None:
        raise RuntimeError(f"nothing is live in {workspace.serving} after the push")
    version, path = live
    record.pushed = {"version": version, "path": str(path)}
    entries = history.read_entries(workspace.history)
    if version == plan.repeated:
        record.end("nothing_new", f"nothing changed since version {version} was pushed")
    elif version == plan.baseline_version and history.entry_of_version(entries, version):
        # The Pusher does not push the live model again. Without an entry in the history, this run
        # or one that was killed has pushed it.
        record.end("nothing_new", f"the model is the same as version {version}, which is live")
    else:
        record.end("pushed", "all gates passed")


def save_report(results: Results, workspace: Workspace, record: RunRecord) -> None:
    """Copies the page to `report/`, completed by the status of the run."""
    page = Path(_uri(results, nodes.REPORT, "page")) / PAGE_FILE
    completed = finish.add_run(
        page.read_text(encoding="utf-8"),
        record.status,
        record.reason,
        str((record.pushed or {}).get("version", "")),
        record.components,
    )
    write_aside(workspace.report, completed)
    record.report = str(workspace.report.absolute())


def read_anomalies_warning(results: Results) -> str:
    """Returns a warning of anomalies that did not stop the run; "" where there are none."""
    (artifact,) = results[nodes.EXAMPLE_VALIDATOR.id].outputs["anomalies"]
    found = example_validator.read_anomalies(artifact)
    return example_validator.unused_warning(example_validator.describe_anomalies(found))


def read_training(model_run_uri: str) -> dict[str, Any]:
    """Returns how the training started, its length, and what was chosen for the data."""
    history = json.loads((Path(model_run_uri) / "history.json").read_text(encoding="utf-8"))
    epochs = history["epochs"][-1]["epoch"] if history["epochs"] else 0
    plan = history["plan"]
    return {
        "start": history["start"],
        "epochs": epochs,
        "chosen": plan["chosen"],
        "notes": plan["notes"],
        "memory_bytes": sum(plan["memory"].values()),
        "seconds": history["seconds"],
    }


def read_trials(results: Results) -> dict[str, Any] | None:
    """Returns the trials of the Tuner, or None where there was no search."""
    if nodes.TUNER.id not in results:
        return None
    path = Path(_uri(results, nodes.TUNER, "tuner_results")) / TRIALS_FILE
    return json.loads(path.read_text(encoding="utf-8"))


def sample_recommendations(results: Results, record: RunRecord) -> RecommendationSample:
    """Returns recommendations of the pushed model for one user, to show."""
    assert record.pushed is not None
    return sample_user(
        Path(record.pushed["path"]),
        Path(_uri(results, nodes.EXAMPLE_GEN, "examples")) / "Split-train",
        Path(_uri(results, nodes.EXAMPLE_GEN, "movies")) / "Split-movies",
    )


def _uri(results: Results, node: nodes.Node, key: str) -> str:
    return artifact_utils.get_single_instance(results[node.id].outputs[key]).uri

"""Uploads of the pipeline, its runs, and what the gate decided on them."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from components.errors import ConfigError
from pipeline import nodes
from pipeline.kubeflow.client.connection import cluster_errors, link, required
from pipeline.kubeflow.client.package import description, pipeline_root


@dataclass(frozen=True)
class Submitted:
    """A run that was started."""

    run_id: str
    version: str
    link: str
    pipeline_id: str
    version_id: str


@dataclass(frozen=True)
class RunStatus:
    """One run as `status` shows it."""

    name: str
    state: str
    created: str
    gate: str
    link: str


def submit(
    client: Any,
    package: Path,
    spec: Mapping[str, Any],
    experiment: str,
    values: Mapping[str, Any],
    account: str | None,
    docs: str | None,
) -> Submitted:
    """Uploads a package as a new version and runs it.

    Args:
        client: kfp's client.
        package: What `compile` wrote.
        spec: The specification in it.
        experiment: Name of the experiment; created if there is none.
        values: Run parameters that differ from their defaults.
        account: Account of the run's pods; None for the cluster's default.
        docs: Address of the documentation, for the descriptions on the page.

    Raises:
        ClusterError: The cluster did not take it.
    """
    with cluster_errors():
        pipeline, version_id, version = _upload(client, package, spec, docs)
        run = client.run_pipeline(
            experiment_id=experiment_id(client, experiment),
            job_name=version,
            params=dict(values),
            pipeline_id=pipeline,
            version_id=version_id,
            pipeline_root=pipeline_root(spec),
            service_account=account,
        )
        required(run.run_id, "run")
    page = link(client, f"runs/details/{run.run_id}")
    return Submitted(run.run_id, version, page, pipeline, version_id)


def _upload(
    client: Any, package: Path, spec: Mapping[str, Any], docs: str | None
) -> tuple[str, str, str]:
    """Uploads a package; returns pipeline id, version id and version name."""
    name, about = spec["pipelineInfo"]["name"], description(spec, docs)
    version = f"{name}-{datetime.datetime.now(datetime.timezone.utc):%Y%m%d-%H%M%S-%f}"
    found = client.get_pipeline_id(name)
    if found is None:
        uploaded = client.upload_pipeline(str(package), pipeline_name=name, description=about)
        found = required(uploaded.pipeline_id, "pipeline")
        return found, newest_version(client, found), version
    uploaded = client.upload_pipeline_version(
        str(package), pipeline_version_name=version, pipeline_id=found, description=about
    )
    return found, required(uploaded.pipeline_version_id, "version"), version


def pipeline_id(client: Any, name: str) -> str:
    """Returns the id of a pipeline.

    Raises:
        ConfigError: There is none of that name.
    """
    found = client.get_pipeline_id(name)
    if found is None:
        raise ConfigError(f"no pipeline {name!r} on the cluster: `submit` uploads it")
    return found


def newest_version(client: Any, pipeline: str) -> str:
    """Returns the id of the version that was uploaded last.

    Raises:
        ConfigError: There is none.
    """
    versions = client.list_pipeline_versions(
        pipeline_id=pipeline, page_size=1, sort_by="created_at desc"
    ).pipeline_versions
    if not versions:
        raise ConfigError("the pipeline has no version: `submit` uploads one")
    return required(versions[0].pipeline_version_id, "version")


def version_root(client: Any, pipeline: str, version: str) -> str | None:
    """Returns where an uploaded version puts artifacts; None if it does not say so."""
    spec = client.get_pipeline_version(pipeline, version).pipeline_spec
    if not isinstance(spec, Mapping):
        return None
    inner = spec.get("pipeline_spec")  # beside that of the platform, where there is one
    return pipeline_root(inner if isinstance(inner, Mapping) else spec)


def version_names(client: Any, ids: Collection[tuple[str, str]]) -> dict[str, str]:
    """Returns the names of versions by their ids, of pairs of pipeline id and version id.

    Without a version id there is nothing to ask.
    """
    return {
        version: client.get_pipeline_version(pipeline, version).display_name or version
        for pipeline, version in sorted(ids)
        if pipeline and version
    }


def experiment_id(client: Any, name: str) -> str:
    """Returns the id of an experiment, which is made where there is none."""
    return required(client.create_experiment(name).experiment_id, "experiment")


def status(client: Any, experiment: str, count: int) -> list[RunStatus]:
    """Returns the newest runs, with what the gate decided.

    Raises:
        ClusterError: The cluster did not answer.
    """
    with cluster_errors():
        runs = client.list_runs(
            page_size=count,
            sort_by="created_at desc",
            experiment_id=experiment_id(client, experiment),
        ).runs
        return [_status(client, run) for run in runs or []]


def _status(client: Any, run: Any) -> RunStatus:
    details = run.run_details or client.get_run(run.run_id).run_details
    created = run.created_at.isoformat(timespec="seconds") if run.created_at else ""
    return RunStatus(
        run.display_name,
        str(run.state or "PENDING"),
        created,
        gate_decision((details.task_details if details else None) or []),
        link(client, f"runs/details/{run.run_id}"),
    )


def gate_decision(tasks: list[Any]) -> str:
    """Returns the decision of the step Gate, with the reason if the API gives one."""
    decisions = {"SUCCEEDED": "passed", "CACHED": "passed", "FAILED": "refused"}
    for task in tasks:
        if task.display_name == nodes.GATE.id:
            decision = decisions.get(str(task.state), "not decided")
            message = getattr(task.error, "message", None) if decision == "refused" else None
            return f"{decision}: {message}" if message else decision
    return "not decided"

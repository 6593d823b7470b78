"""What Kubeflow Pipelines itself says: reachable, version, namespaces, the pipeline, schedules."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from pipeline.kubeflow.client import moving, runs
from pipeline.kubeflow.client.connection import ClusterError, cluster_errors
from pipeline.kubeflow.doctor.finding import Finding, note, ok, problem, unknown

OLDEST = (2, 2)
_HEALTH = "/apis/v2beta1/healthz"


def look(client: Any, name: str, experiment: str, namespace: str | None) -> Iterator[Finding]:
    """Yields the findings on the pipeline of a name; the namespace is the one that was given."""
    health = _health(client)
    yield version_finding(str(health.get("tag_name") or ""))
    if health.get("multi_user") and namespace is None:
        yield problem(
            "the cluster has several users, each with a namespace, and none is given",
            "give --namespace NAME to every command",
        )
    try:
        with cluster_errors():
            client.list_experiments(page_size=1, namespace=namespace)
        yield ok("experiments can be listed: who asks is known to the cluster")
        yield from _pipeline(client, name, experiment)
    except ClusterError as error:
        yield problem(f"the API refuses who asks: {error}", "see Credentials in docs/kubeflow.md")


def _health(client: Any) -> dict[str, Any]:
    try:
        health = json.loads(client.read_text(_HEALTH) or "{}")
    except ValueError:
        health = {}
    return health if isinstance(health, dict) else {}


def version_finding(tag: str) -> Finding:
    """Returns what a version of Kubeflow Pipelines means."""
    match = re.match(r"v?(\d+)\.(\d+)", tag)
    if match is None:
        return unknown(
            "Kubeflow Pipelines answers and does not say its version",
            f"it must be {OLDEST[0]}.{OLDEST[1]} or newer",
        )
    if (int(match[1]), int(match[2])) < OLDEST:
        return problem(
            f"Kubeflow Pipelines is {tag}",
            f"the pipeline needs {OLDEST[0]}.{OLDEST[1]} or newer",
        )
    return ok(f"Kubeflow Pipelines {tag} answers")


def _pipeline(client: Any, name: str, experiment: str) -> Iterator[Finding]:
    # Nothing is yielded within the block, which keeps all that is printed from the screen.
    with cluster_errors():
        pipeline_id = client.get_pipeline_id(name)
        newest = "" if pipeline_id is None else runs.newest_version(client, pipeline_id)
        names = runs.version_names(client, [(pipeline_id or "", newest)])
    if pipeline_id is None:
        yield note(f"pipeline {name} is not uploaded yet", "`submit` uploads and runs it")
        return
    yield ok(f"pipeline {name} is there; its newest version is {names[newest]}")
    if not _has_experiment(client, experiment):
        return
    for one in moving.left_behind(client, experiment, pipeline_id, newest):
        yield note(
            f"schedule {one.id} ({one.when}) runs version {one.version}, not the newest",
            "`schedule --move` lets it run the newest",
        )


def _has_experiment(client: Any, name: str) -> bool:
    """Returns whether an experiment is there; others of kfp's calls would make it."""
    try:
        with cluster_errors():
            return client.get_experiment(experiment_name=name) is not None
    except ClusterError:  # what kfp makes of none
        return False

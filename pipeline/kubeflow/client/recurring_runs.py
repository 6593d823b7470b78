"""Recurring runs: the schedule on the cluster."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from components.errors import ConfigError
from pipeline.kubeflow.client.cluster_error import ClusterError
from pipeline.kubeflow.client.connection import cluster_errors, required
from pipeline.kubeflow.client.cron import with_seconds
from pipeline.kubeflow.client.runs import experiment_id, newest_version

PAGE = 100
MOST_PAGES = 100


@dataclass(frozen=True)
class Schedule:
    """One recurring run."""

    id: str
    name: str
    cron: str
    enabled: bool


def schedule(
    client: Any,
    pipeline: str,
    experiment: str,
    cron: str,
    values: Mapping[str, Any],
    no_catchup: bool,
) -> Schedule:
    """Runs the newest version again and again, in place of the schedule that there was.

    Recurring runs cannot be changed. The old ones are disabled first and deleted last, so that
    never two fire; if the new one is not taken, the old ones fire again.

    Raises:
        ClusterError: The cluster did not take it.
        ConfigError: The pipeline is not there, or the expression is none.
    """
    cron = with_seconds(cron)
    with cluster_errors():
        pipeline_id = client.get_pipeline_id(pipeline)
        if pipeline_id is None:
            raise ConfigError(f"no pipeline {pipeline!r} on the cluster: `submit` uploads it")
        version_id = newest_version(client, pipeline_id)
        place = experiment_id(client, experiment)
        old = _schedules(client, place, pipeline)
        enabled = [recurring for recurring in old if recurring.enabled]
        for recurring in enabled:
            client.disable_recurring_run(recurring.id)
        try:
            created = client.create_recurring_run(
                experiment_id=place,
                job_name=pipeline,
                cron_expression=cron,
                pipeline_id=pipeline_id,
                version_id=version_id,
                params=dict(values),
                no_catchup=no_catchup,
                max_concurrency=1,
            )
            required(created.recurring_run_id, "recurring run")
        except Exception:
            for recurring in enabled:
                client.enable_recurring_run(recurring.id)
            raise
        for recurring in old:
            client.delete_recurring_run(recurring.id)
    return Schedule(created.recurring_run_id, pipeline, cron, True)


def schedules(client: Any, pipeline: str, experiment: str) -> list[Schedule]:
    """Returns the recurring runs of a pipeline in an experiment.

    Raises:
        ClusterError: The cluster did not answer.
    """
    with cluster_errors():
        return _schedules(client, experiment_id(client, experiment), pipeline)


def _schedules(client: Any, place: str, pipeline: str) -> list[Schedule]:
    recurring_runs, token = [], ""
    for _ in range(MOST_PAGES):
        page = client.list_recurring_runs(page_token=token, page_size=PAGE, experiment_id=place)
        recurring_runs += [
            Schedule(
                run.recurring_run_id,
                run.display_name,
                getattr(getattr(run.trigger, "cron_schedule", None), "cron", None) or "",
                str(run.mode) == "ENABLE",
            )
            for run in page.recurring_runs or []
            if run.display_name == pipeline
        ]
        token = page.next_page_token or ""
        if not token:
            return recurring_runs
    raise ClusterError(f"the list of recurring runs has no end: {MOST_PAGES} pages were read")


def end_schedules(client: Any, pipeline: str, experiment: str, delete: bool) -> list[Schedule]:
    """Disables or deletes the recurring runs of a pipeline; returns those that it was done to.

    Raises:
        ClusterError: The cluster did not answer.
    """
    recurring_runs = schedules(client, pipeline, experiment)
    end: Callable[[str], Any] = (
        client.delete_recurring_run if delete else client.disable_recurring_run
    )
    with cluster_errors():
        for one in recurring_runs:
            end(one.id)
    return recurring_runs

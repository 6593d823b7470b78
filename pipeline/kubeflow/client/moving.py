"""Recurring runs that stay on the version they were made with, and how they are moved.

A recurring run names one version of the pipeline. A newer upload changes nothing in it, and the
cluster does not say so (kubeflow/pipelines#11542).
"""

from __future__ import annotations

from typing import Any

from pipeline.kubeflow.client.connection import cluster_errors
from pipeline.kubeflow.client.recurring_runs import (
    Schedule,
    all_schedules,
    replace_with,
    with_versions,
)
from pipeline.kubeflow.client.runs import experiment_id, version_root


def left_behind(client: Any, experiment: str, pipeline_id: str, version_id: str) -> list[Schedule]:
    """Returns the enabled recurring runs of a pipeline that run another version than this one.

    Raises:
        ClusterError: The cluster did not answer.
    """
    with cluster_errors():
        found = [
            one
            for one in all_schedules(client, experiment_id(client, experiment))
            if one.enabled
            and one.pipeline_id == pipeline_id
            and one.version_id not in ("", version_id)
        ]
        return with_versions(client, found)


def move(client: Any, one: Schedule, version_id: str) -> str:
    """Replaces a recurring run by one of a version that is the same otherwise; returns its id.

    The pipeline root is that of the version, unless the recurring run was given another one.

    Raises:
        ClusterError: The cluster did not take it; the old one fires as before.
    """
    old = one.recurring
    config, trigger = old.runtime_config, old.trigger
    cron, periodic = trigger.cron_schedule, trigger.periodic_schedule
    when = cron or periodic
    with cluster_errors():
        root = config and config.pipeline_root
        if root in (None, "", version_root(client, one.pipeline_id, one.version_id)):
            root = version_root(client, one.pipeline_id, version_id)
        return replace_with(
            client,
            [one],
            lambda: client.create_recurring_run(
                experiment_id=old.experiment_id,
                job_name=old.display_name,
                description=old.description,
                start_time=when.start_time,
                end_time=when.end_time,
                cron_expression=cron.cron if cron else None,
                interval_second=None if cron else int(periodic.interval_second),
                max_concurrency=old.max_concurrency,
                no_catchup=old.no_catchup,
                params=dict((config and config.parameters) or {}),
                pipeline_root=root,
                service_account=old.service_account,
                pipeline_id=one.pipeline_id,
                version_id=version_id,
            ),
        )

"""Recurring runs: the schedule on the cluster."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from pipeline.kubeflow.client.connection import ClusterError, cluster_errors, required
from pipeline.kubeflow.client.runs import (
    experiment_id,
    newest_version,
    pipeline_id,
    version_names,
    version_root,
)

PAGE = 100
MOST_PAGES = 100


@dataclass(frozen=True)
class Schedule:
    """One recurring run.

    Attributes:
        id: Its id.
        name: Its name, which need not be its own only.
        cron: When it fires; empty where it fires after intervals.
        enabled: Whether it fires.
        pipeline_id: The pipeline that it runs.
        version_id: The version that it runs, whatever is uploaded later; empty: always the newest.
        version: Name of that version.
        recurring: What the cluster answered.
    """

    id: str
    name: str
    cron: str
    enabled: bool
    pipeline_id: str = ""
    version_id: str = ""
    version: str = ""
    recurring: Any = field(default=None, compare=False, repr=False)

    @property
    def when(self) -> str:
        """When it fires, for people."""
        periodic = getattr(getattr(self.recurring, "trigger", None), "periodic_schedule", None)
        seconds = getattr(periodic, "interval_second", None)
        return self.cron or (f"every {seconds} s" if seconds else "")


def schedule(
    client: Any,
    pipeline: str,
    experiment: str,
    cron: str,
    values: Mapping[str, Any],
    no_catchup: bool,
    account: str | None,
) -> str:
    """Runs the newest version again and again, in place of what there was; returns the id.

    Recurring runs cannot be changed. The old ones are disabled first and deleted last, so that
    never two fire; if the new one is not taken, the old ones fire again.

    Raises:
        ClusterError: The cluster did not take it.
        ConfigError: The pipeline is not there.
    """
    with cluster_errors():
        found = pipeline_id(client, pipeline)
        version_id = newest_version(client, found)
        root = version_root(client, found, version_id)
        place = experiment_id(client, experiment)
        old = _schedules(client, place, pipeline)
        return replace_with(
            client,
            old,
            lambda: client.create_recurring_run(
                experiment_id=place,
                job_name=pipeline,
                cron_expression=cron,
                pipeline_id=found,
                version_id=version_id,
                pipeline_root=root,
                params=dict(values),
                no_catchup=no_catchup,
                max_concurrency=1,
                service_account=account,
            ),
        )


def replace_with(client: Any, old: list[Schedule], create: Callable[[], Any]) -> str:
    """Makes a recurring run in place of others; returns its id.

    The old ones are disabled before and deleted after; if it is not taken, they fire as before.
    """
    enabled = [one for one in old if one.enabled]
    for one in enabled:
        client.disable_recurring_run(one.id)
    try:
        created = required(create().recurring_run_id, "recurring run")
    except Exception:
        for one in enabled:
            client.enable_recurring_run(one.id)
        raise
    for one in old:
        client.delete_recurring_run(one.id)
    return created


def schedules(client: Any, pipeline: str, experiment: str) -> list[Schedule]:
    """Returns the recurring runs of a pipeline in an experiment.

    Raises:
        ClusterError: The cluster did not answer.
    """
    with cluster_errors():
        found = _schedules(client, experiment_id(client, experiment), pipeline)
        return with_versions(client, found)


def with_versions(client: Any, found: list[Schedule]) -> list[Schedule]:
    """Returns recurring runs with the names of their versions, where they name one."""
    names = version_names(client, {(one.pipeline_id, one.version_id) for one in found})
    return [replace(one, version=names.get(one.version_id, "")) for one in found]


def _schedules(client: Any, place: str, pipeline: str) -> list[Schedule]:
    return [one for one in all_schedules(client, place) if one.name == pipeline]


def all_schedules(client: Any, place: str) -> list[Schedule]:
    """Returns every recurring run of an experiment, given by its id, without names of versions.

    Raises:
        ClusterError: The list has no end.
    """
    recurring_runs: list[Schedule] = []
    token = ""
    for _ in range(MOST_PAGES):
        page = client.list_recurring_runs(page_token=token, page_size=PAGE, experiment_id=place)
        recurring_runs += map(_read, page.recurring_runs or [])
        token = page.next_page_token or ""
        if not token:
            return recurring_runs
    raise ClusterError(f"the list of recurring runs has no end: {MOST_PAGES} pages were read")


def _read(run: Any) -> Schedule:
    reference = run.pipeline_version_reference
    return Schedule(
        run.recurring_run_id,
        run.display_name,
        getattr(getattr(run.trigger, "cron_schedule", None), "cron", None) or "",
        str(run.mode) == "ENABLE",
        getattr(reference, "pipeline_id", None) or "",
        getattr(reference, "pipeline_version_id", None) or run.pipeline_version_id or "",
        recurring=run,
    )


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

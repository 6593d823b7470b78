"""Talks to a Kubeflow Pipelines 2.x cluster through kfp.Client, in the words of this project.

Where the cluster is and who asks come from kfp's own environment variables (KF_PIPELINES_ENDPOINT,
KF_PIPELINES_UI_ENDPOINT, …), KF_PIPELINES_TOKEN, or ~/.config/kfp/context.json. A token is never an
argument and never printed.
"""

from __future__ import annotations

import contextlib
import datetime
import io
import json
import os
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from components.errors import ConfigError
from pipeline import nodes
from pipeline.config.settings import nearest

TOKEN_VARIABLE = "KF_PIPELINES_TOKEN"
PAGE = 100


class ClusterError(Exception):
    """The cluster did not answer, or said no; one line without secrets."""


@dataclass(frozen=True)
class Submitted:
    """A run that was started."""

    run_id: str
    version: str
    link: str


@dataclass(frozen=True)
class RunStatus:
    """One run as `status` shows it."""

    name: str
    state: str
    created: str
    gate: str
    link: str


@dataclass(frozen=True)
class Schedule:
    """One recurring run."""

    id: str
    name: str
    cron: str
    enabled: bool


def connect(host: str | None = None, namespace: str | None = None) -> Any:
    """Returns kfp's client.

    Args:
        host: Address of the API; default: kfp's own conventions.
        namespace: Kubernetes namespace of a multi-user cluster.

    Raises:
        ClusterError: It cannot be reached.
    """
    warnings.filterwarnings("ignore", message="This client only works", category=FutureWarning)
    import kfp

    options: dict[str, Any] = {"host": host, "namespace": namespace or "kubeflow"}
    if os.environ.get(TOKEN_VARIABLE):
        options["existing_token"] = os.environ[TOKEN_VARIABLE]
    with _cluster_errors():
        return kfp.Client(**options)


@contextlib.contextmanager
def _cluster_errors() -> Iterator[None]:
    """Turns kfp's exceptions into a ClusterError of one line, and keeps kfp from printing."""
    import kfp_server_api
    import urllib3

    try:
        with contextlib.redirect_stdout(io.StringIO()):
            yield
    except kfp_server_api.ApiException as error:
        raise ClusterError(f"the cluster refused: {_reason(error)}") from None
    except urllib3.exceptions.HTTPError as error:
        raise ClusterError(f"the cluster cannot be reached: {_short(error)}") from None
    except ValueError as error:  # what kfp makes of two pipelines of one name, for example
        raise ClusterError(_short(error)) from None


def _reason(error: Any) -> str:
    """Returns status and message of an answer, without its headers."""
    try:
        body = json.loads(error.body)
        message = body.get("message") or body.get("error_message") or body.get("error") or ""
    except (TypeError, ValueError, AttributeError):
        message = ""
    return f"{error.status} {error.reason}{': ' if message else ''}{message}"


def _short(error: Exception) -> str:
    return " ".join(str(getattr(error, "reason", None) or error).split())[:300]


def submit(client: Any, package: Path, experiment: str, values: Mapping[str, Any]) -> Submitted:
    """Uploads a package as a new version and runs it.

    Args:
        client: kfp's client.
        package: What `compile` wrote.
        experiment: Name of the experiment; created if there is none.
        values: Run parameters that differ from their defaults.

    Raises:
        ClusterError: The cluster did not take it.
    """
    with _cluster_errors():
        pipeline_id, version_id, version = upload(client, package)
        run = client.run_pipeline(
            experiment_id=client.create_experiment(experiment).experiment_id,
            job_name=version,
            params=dict(values),
            pipeline_id=pipeline_id,
            version_id=version_id,
        )
    return Submitted(run.run_id, version, link(client, f"runs/details/{run.run_id}"))


def upload(client: Any, package: Path) -> tuple[str, str, str]:
    """Uploads a package; returns pipeline id, version id and version name."""
    name = read_package(package)["pipelineInfo"]["name"]
    version = f"{name}-{datetime.datetime.now(datetime.timezone.utc):%Y%m%d-%H%M%S-%f}"
    pipeline_id = client.get_pipeline_id(name)
    if pipeline_id is None:
        pipeline_id = client.upload_pipeline(str(package), pipeline_name=name).pipeline_id
        return pipeline_id, newest_version(client, pipeline_id), version
    uploaded = client.upload_pipeline_version(
        str(package), pipeline_version_name=version, pipeline_id=pipeline_id
    )
    return pipeline_id, uploaded.pipeline_version_id, version


def newest_version(client: Any, pipeline_id: str) -> str:
    """Returns the id of the version that was uploaded last.

    Raises:
        ConfigError: There is none.
    """
    versions = client.list_pipeline_versions(
        pipeline_id=pipeline_id, page_size=1, sort_by="created_at desc"
    ).pipeline_versions
    if not versions:
        raise ConfigError("the pipeline has no version: `submit` uploads one")
    return versions[0].pipeline_version_id


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
    with _cluster_errors():
        pipeline_id = client.get_pipeline_id(pipeline)
        if pipeline_id is None:
            raise ConfigError(f"no pipeline {pipeline!r} on the cluster: `submit` uploads it")
        version_id = newest_version(client, pipeline_id)
        experiment_id = client.create_experiment(experiment).experiment_id
        old = _schedules(client, experiment_id, pipeline)
        enabled = [recurring for recurring in old if recurring.enabled]
        for recurring in enabled:
            client.disable_recurring_run(recurring.id)
        try:
            created = client.create_recurring_run(
                experiment_id=experiment_id,
                job_name=pipeline,
                cron_expression=cron,
                pipeline_id=pipeline_id,
                version_id=version_id,
                params=dict(values),
                no_catchup=no_catchup,
                max_concurrency=1,
            )
        except Exception:
            for recurring in enabled:
                client.enable_recurring_run(recurring.id)
            raise
        for recurring in old:
            client.delete_recurring_run(recurring.id)
    return Schedule(created.recurring_run_id, pipeline, cron, True)


def with_seconds(cron: str) -> str:
    """Returns a cron expression with the seconds that Kubeflow wants in front.

    Raises:
        ConfigError: It has neither five nor six fields, and is no @daily or the like.
    """
    fields = cron.split()
    if len(fields) == 1 and cron.startswith("@"):
        return cron
    if len(fields) not in (5, 6):
        raise ConfigError(
            f"--cron: {cron!r} has {len(fields)} fields; accepted: minute hour day month weekday, "
            "with seconds in front if need be, as in '0 3 * * *'"
        )
    return " ".join(["0", *fields] if len(fields) == 5 else fields)


def schedules(client: Any, pipeline: str, experiment: str) -> list[Schedule]:
    """Returns the recurring runs of a pipeline in an experiment.

    Raises:
        ClusterError: The cluster did not answer.
    """
    with _cluster_errors():
        experiment_id = client.create_experiment(experiment).experiment_id
        return _schedules(client, experiment_id, pipeline)


def _schedules(client: Any, experiment_id: str, pipeline: str) -> list[Schedule]:
    recurring_runs, token = [], ""
    while True:
        page = client.list_recurring_runs(
            page_token=token, page_size=PAGE, experiment_id=experiment_id
        )
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


def end_schedules(client: Any, pipeline: str, experiment: str, delete: bool) -> list[Schedule]:
    """Disables or deletes the recurring runs of a pipeline; returns those that it was done to.

    Raises:
        ClusterError: The cluster did not answer.
    """
    recurring_runs = schedules(client, pipeline, experiment)
    end: Callable[[str], Any] = (
        client.delete_recurring_run if delete else client.disable_recurring_run
    )
    with _cluster_errors():
        for one in recurring_runs:
            end(one.id)
    return recurring_runs


def status(client: Any, experiment: str, count: int) -> list[RunStatus]:
    """Returns the newest runs, with what the gate decided.

    Raises:
        ClusterError: The cluster did not answer.
    """
    with _cluster_errors():
        runs = client.list_runs(
            page_size=count,
            sort_by="created_at desc",
            experiment_id=client.create_experiment(experiment).experiment_id,
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


def link(client: Any, page: str) -> str:
    """Returns the address of a page for people."""
    return f"{client._get_url_prefix()}/#/{page}"


def read_package(package: Path) -> dict[str, Any]:
    """Returns the pipeline specification of a package.

    Raises:
        ConfigError: There is none in the file.
    """
    try:
        spec = next(yaml.safe_load_all(package.read_text(encoding="utf-8")))
        if isinstance(spec, dict) and "pipelineInfo" in spec:
            return spec
    except OSError as error:
        raise ConfigError(f"--package: cannot read {package}: {error.strerror}") from error
    except (yaml.YAMLError, UnicodeDecodeError, StopIteration):
        pass
    raise ConfigError(f"--package: {package} is not what `kubeflow_runner.py compile` writes")


def read_values(spec: Mapping[str, Any], assignments: list[str]) -> dict[str, Any]:
    """Returns the run parameters that are given as NAME=VALUE, typed as the package declares them.

    Raises:
        ConfigError: There is no such run parameter, or a value is not a number where one is needed.
    """
    declared = spec["root"].get("inputDefinitions", {}).get("parameters", {})
    return dict(_read_value(declared, text) for text in assignments)


def _read_value(declared: Mapping[str, Any], text: str) -> tuple[str, Any]:
    name, equals, value = text.partition("=")
    if not equals:
        raise ConfigError(f"--param: {text!r} is not NAME=VALUE, as in epochs=10")
    if name not in declared:
        raise ConfigError(f"--param: no run parameter {name!r}{nearest(name, declared)}")
    kinds: dict[str, Callable[[str], Any]] = {"NUMBER_INTEGER": int, "NUMBER_DOUBLE": float}
    try:
        return name, kinds.get(declared[name]["parameterType"], str)(value)
    except ValueError:
        raise ConfigError(f"--param: {name}={value!r} is not a number") from None

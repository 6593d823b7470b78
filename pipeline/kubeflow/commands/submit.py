"""The command that uploads and runs."""

from __future__ import annotations

import argparse
import re
from typing import Any

from components.errors import ConfigError, shown
from pipeline.kubeflow.client import connection, moving, package, runs
from pipeline.kubeflow.client.recurring_runs import Schedule
from pipeline.kubeflow.commands.options import add_account, add_cluster, add_run_parameters
from pipeline.terminal import Screen, print_line

NAME = "submit"
HELP = "upload the YAML as a new version and run it"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the command's options."""
    add_cluster(parser)
    add_run_parameters(parser)
    add_account(parser)
    parser.add_argument(
        "--docs",
        metavar="URL",
        help="address of your copy of docs/kubeflow.md, linked in the descriptions on the page",
    )
    parser.add_argument(
        "--move-schedule",
        action="store_true",
        help="let the schedules of this pipeline run the new version too, and not their old one",
    )


def run(arguments: argparse.Namespace) -> None:
    """Uploads and runs."""
    spec = package.read_package(arguments.package)
    values = package.read_values(spec, arguments.values)
    check_docs(arguments.docs)
    connected = connection.connect(arguments.host, arguments.namespace)
    submitted = runs.submit(
        connected,
        arguments.package,
        spec,
        arguments.experiment,
        values,
        arguments.service_account,
        arguments.docs,
    )
    screen = Screen()
    print_line(screen, f"version {submitted.version}, run {submitted.run_id}")
    print_line(screen, submitted.link)
    if arguments.move_schedule:
        ids = submitted.pipeline_id, submitted.version_id
        if not move_schedules(connected, arguments.experiment, *ids):
            print_line(screen, f"no schedule in {arguments.experiment} had to be moved")
    else:
        warn_of_schedules(connected, arguments.experiment, submitted)


def check_docs(docs: str | None) -> None:
    """Refuses what cannot be linked to.

    Raises:
        ConfigError: It is no address of a page.
    """
    if docs is not None and not re.fullmatch(r"https?://[^\s()<>\[\]]{1,500}", docs):
        raise ConfigError(f"--docs: {shown(docs)} is no address; accepted: http(s)://HOST/…")


def move_schedules(client: Any, experiment: str, pipeline_id: str, version_id: str) -> int:
    """Lets the schedules of a pipeline run a version, and says so; returns how many there were."""
    stale = moving.left_behind(client, experiment, pipeline_id, version_id)
    for one in stale:
        moved = moving.move(client, one, version_id)
        print_line(Screen(), f"{_named(one)} ran {one.version}; {moved} in its place runs the new")
    return len(stale)


def warn_of_schedules(client: Any, experiment: str, submitted: runs.Submitted) -> None:
    """Says on standard error which schedules go on with an older version."""
    screen = Screen(stderr=True)
    try:
        stale = moving.left_behind(client, experiment, submitted.pipeline_id, submitted.version_id)
    except connection.ClusterError as error:  # the run has been started all the same
        print_line(screen, f"Warning: the schedules could not be looked at: {error}", "yellow")
        return
    for one in stale:
        text = f"Warning: {_named(one)} goes on with version {one.version}"
        how = "`schedule --move` lets it run the new one, as `submit --move-schedule` does at once"
        print_line(screen, f"{text}; {how}", "yellow")


def _named(one: Schedule) -> str:
    return f"schedule {one.id} ({one.when})"

"""The command that schedules recurring runs."""

from __future__ import annotations

import argparse
from typing import Any

from pipeline.kubeflow.client import connection, package, recurring_runs, runs
from pipeline.kubeflow.client.cron import with_seconds
from pipeline.kubeflow.commands.options import add_account, add_cluster, add_run_parameters
from pipeline.kubeflow.commands.submit import move_schedules
from pipeline.terminal import Screen, print_line

NAME = "schedule"
HELP = "run the newest version again and again"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the command's options."""
    add_cluster(parser)
    add_run_parameters(parser)
    add_account(parser)
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument(
        "--cron",
        metavar="EXPRESSION",
        help="when, in UTC, as in '0 3 * * *'; replaces the schedule that there is",
    )
    what.add_argument("--list", action="store_true", help="show the schedules and their versions")
    what.add_argument(
        "--move",
        action="store_true",
        help="let those that stay on an older version run the newest one; all else is kept",
    )
    what.add_argument("--disable", action="store_true", help="stop them, keep them")
    what.add_argument("--delete", action="store_true", help="delete them")
    parser.add_argument(
        "--no-catchup",
        action="store_true",
        help="after a pause run only once, not once for each missed time",
    )


def run(arguments: argparse.Namespace) -> None:
    """Makes, lists, moves, disables or deletes schedules."""
    spec = package.read_package(arguments.package)
    values = package.read_values(spec, arguments.values)
    name = spec["pipelineInfo"]["name"]
    # Fails before the cluster is asked.
    cron = None if arguments.cron is None else with_seconds(arguments.cron)
    screen = Screen()
    connected = connection.connect(arguments.host, arguments.namespace)
    if cron is not None:
        created = recurring_runs.schedule(
            connected,
            name,
            arguments.experiment,
            cron,
            values,
            arguments.no_catchup,
            arguments.service_account,
        )
        print_line(screen, f"scheduled {name}: {cron} (UTC, seconds first), {created}")
        return
    if arguments.move:
        move(connected, name, arguments.experiment)
        return
    if arguments.list:
        schedules = recurring_runs.schedules(connected, name, arguments.experiment)
    else:
        schedules = recurring_runs.end_schedules(
            connected, name, arguments.experiment, arguments.delete
        )
    word = "deleted" if arguments.delete else "disabled" if arguments.disable else ""
    newest = _newest(connected, schedules) if arguments.list else {}
    for one in schedules:
        state = word or ("enabled" if one.enabled else "disabled")
        print_line(screen, f"{one.id}  {one.when:16}  {state:8}  {_version(one, newest)}".rstrip())
    if not schedules:
        print_line(screen, f"no schedule of {name} in {arguments.experiment}")


def move(client: Any, name: str, experiment: str) -> None:
    """Lets the schedules of a pipeline run its newest version."""
    with connection.cluster_errors():
        pipeline_id = runs.pipeline_id(client, name)
        version_id = runs.newest_version(client, pipeline_id)
    if not move_schedules(client, experiment, pipeline_id, version_id):
        print_line(Screen(), f"no schedule in {experiment} stays on an older version of {name}")


def _newest(client: Any, schedules: list[recurring_runs.Schedule]) -> dict[str, str]:
    """Returns the id of the newest version of each pipeline."""
    with connection.cluster_errors():
        ids = {one.pipeline_id for one in schedules if one.pipeline_id}
        return {one: runs.newest_version(client, one) for one in ids}


def _version(one: recurring_runs.Schedule, newest: dict[str, str]) -> str:
    """Says which version a schedule runs, and whether there is a newer one."""
    if not newest or not one.pipeline_id:
        return one.version
    if not one.version_id:
        return "always the newest version"
    is_newest = newest[one.pipeline_id] == one.version_id
    return f"{one.version} ({'the newest' if is_newest else 'not the newest: see --move'})"

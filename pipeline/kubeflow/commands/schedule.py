"""The command that schedules recurring runs."""

from __future__ import annotations

import argparse

from pipeline.kubeflow.client import connection, package, recurring_runs
from pipeline.kubeflow.client.cron import with_seconds
from pipeline.kubeflow.commands.options import add_cluster, add_run_parameters
from pipeline.terminal import Screen, print_line

NAME = "schedule"
HELP = "run the newest version again and again"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the command's options."""
    add_cluster(parser)
    add_run_parameters(parser)
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument(
        "--cron",
        metavar="EXPRESSION",
        help="when, in UTC, as in '0 3 * * *'; replaces the schedule that there is",
    )
    what.add_argument("--list", action="store_true", help="show the schedules")
    what.add_argument("--disable", action="store_true", help="stop them, keep them")
    what.add_argument("--delete", action="store_true", help="delete them")
    parser.add_argument(
        "--no-catchup",
        action="store_true",
        help="after a pause run only once, not once for each missed time",
    )


def run(arguments: argparse.Namespace) -> None:
    """Makes, lists, disables or deletes schedules."""
    spec = package.read_package(arguments.package)
    values = package.read_values(spec, arguments.values)
    name = spec["pipelineInfo"]["name"]
    if arguments.cron is not None:
        with_seconds(arguments.cron)  # fail before the cluster is asked
    screen = Screen()
    connected = connection.connect(arguments.host, arguments.namespace)
    if arguments.cron is not None:
        recurring = recurring_runs.schedule(
            connected, name, arguments.experiment, arguments.cron, values, arguments.no_catchup
        )
        text = f"scheduled {name}: {recurring.cron} (UTC, seconds first), {recurring.id}"
        print_line(screen, text)
        return
    if arguments.list:
        schedules = recurring_runs.schedules(connected, name, arguments.experiment)
    else:
        schedules = recurring_runs.end_schedules(
            connected, name, arguments.experiment, arguments.delete
        )
    word = "deleted" if arguments.delete else "disabled" if arguments.disable else ""
    for one in schedules:
        state = word or ("enabled" if one.enabled else "disabled")
        print_line(screen, f"{one.id}  {one.cron:16}  {state}")
    if not schedules:
        print_line(screen, f"no schedule of {name} in {arguments.experiment}")

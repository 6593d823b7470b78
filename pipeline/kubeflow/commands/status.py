"""The command that shows the last runs."""

from __future__ import annotations

import argparse

from pipeline.argument_types import whole_number
from pipeline.kubeflow.client import connection, runs
from pipeline.kubeflow.commands.options import add_cluster
from pipeline.terminal import AnswerScreen, print_line

NAME = "status"
HELP = "last runs, gate decisions, links"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the command's options."""
    add_cluster(parser)
    parser.add_argument(
        "--count",
        type=whole_number(1, 1000),
        default=5,
        metavar="N",
        help="runs, 1 to 1000 (default: 5)",
    )


def run(arguments: argparse.Namespace) -> None:
    """Shows the last runs."""
    connected = connection.connect(arguments.host, arguments.namespace)
    newest = runs.status(connected, arguments.experiment, arguments.count)
    screen = AnswerScreen()
    for one in newest:
        print_line(screen, f"{one.created}  {one.state:10}  gate: {one.gate}")
        print_line(screen, f"    {one.name}  {one.link}")
    if not newest:
        print_line(screen, f"no run in {arguments.experiment}")

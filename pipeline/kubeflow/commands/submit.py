"""The command that uploads and runs."""

from __future__ import annotations

import argparse

from pipeline.kubeflow.client import connection, package, runs
from pipeline.kubeflow.commands.options import add_cluster, add_run_parameters
from pipeline.terminal import Screen, print_line

NAME = "submit"
HELP = "upload the YAML as a new version and run it"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the command's options."""
    add_cluster(parser)
    add_run_parameters(parser)


def run(arguments: argparse.Namespace) -> None:
    """Uploads and runs."""
    values = package.read_values(package.read_package(arguments.package), arguments.values)
    connected = connection.connect(arguments.host, arguments.namespace)
    submitted = runs.submit(connected, arguments.package, arguments.experiment, values)
    screen = Screen()
    print_line(screen, f"version {submitted.version}, run {submitted.run_id}")
    print_line(screen, submitted.link)

"""The commands as they are typed: arguments in, lines for people and an exit code out."""

from __future__ import annotations

import argparse
import warnings
from typing import Any

from pipeline import nodes
from pipeline.kubeflow.commands import compile_package, doctor, schedule, status, submit
from pipeline.kubeflow.commands.served import on_cluster, output_and_users
from pipeline.local.commands import models, recommend, rollback

_COMMANDS: tuple[Any, ...] = (
    compile_package,
    doctor,
    submit,
    schedule,
    status,
    on_cluster(models, nodes.LIVE_MODEL.id),
    on_cluster(rollback, nodes.PUSHER.id),
    on_cluster(recommend, nodes.EVALUATOR.id, output_and_users),
)
COMMANDS = {command.NAME: command for command in _COMMANDS}


def add_commands(parser: argparse.ArgumentParser) -> None:
    """Adds the commands to the runner's parser."""
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for command in COMMANDS.values():
        command.add_arguments(commands.add_parser(command.NAME, help=command.HELP))


def run_command(arguments: argparse.Namespace) -> int:
    """Runs one command; returns the exit code."""
    # TFX's and Google's libraries warn of Python versions and of one another.
    warnings.simplefilter("ignore")
    COMMANDS[arguments.command].run(arguments)
    return 0

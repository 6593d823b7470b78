"""The commands beside a run, one module for each.

A command is a module with `NAME`, `HELP`, `add_arguments` and `run`; `COMMANDS` lists them.
"""

from __future__ import annotations

import argparse

from pipeline.argument_types import path
from pipeline.local.commands import clean, inspect_data, models, recommend, rollback, serve
from pipeline.local.workspace.workspace import Workspace

COMMANDS = {
    command.NAME: command for command in (inspect_data, models, rollback, recommend, serve, clean)
}


def add_commands(parser: argparse.ArgumentParser) -> None:
    """Adds the commands to the runner's parser; without one it runs the pipeline."""
    commands = parser.add_subparsers(
        dest="command",
        metavar="COMMAND",
        title="commands (default: run the pipeline)",
        required=False,
    )
    for command in COMMANDS.values():
        text = command.HELP
        own = commands.add_parser(
            command.NAME, help=text, description=text[0].upper() + text[1:] + "."
        )
        # The options stand before the command too; without SUPPRESS these defaults would undo them.
        for option, kind in (("--output-root", path), ("--pipeline-name", str)):
            own.add_argument(
                option, type=kind, default=argparse.SUPPRESS, help="as for a run", metavar="…"
            )
        command.add_arguments(own)


def run_command(arguments: argparse.Namespace) -> int:
    """Carries out a command; returns the exit code."""
    workspace = Workspace(arguments.output_root, arguments.pipeline_name)
    return COMMANDS[arguments.command].run(workspace, arguments)

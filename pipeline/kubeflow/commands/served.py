"""The commands on the served folder: the local ones, each carried out by a run of one step."""

from __future__ import annotations

import argparse
import datetime
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from components.errors import ConfigError, shown
from pipeline import nodes
from pipeline.argument_types import Parser, whole_number
from pipeline.kubeflow.client import connection
from pipeline.kubeflow.commands.options import add_account, add_cluster, add_package
from pipeline.kubeflow.served import answer, compiled, one_step
from pipeline.local.commands import models, recommend, rollback
from pipeline.local.commands.wanted_users import ALL
from pipeline.terminal import Screen, print_line

LONGEST_SECONDS = 86_400


@dataclass(frozen=True)
class ServedCommand:
    """A command of kubeflow_runner.py that is a local one on the cluster's volume.

    Attributes:
        local: The module of the local command.
        like: Step whose resources the run gets.
        paths: Returns what it reads and writes beside the served folder.
    """

    local: ModuleType
    like: str
    paths: Callable[[argparse.Namespace], list[str]] = lambda _: []

    @property
    def NAME(self) -> str:  # noqa: N802
        """Name of the command."""
        return self.local.NAME

    @property
    def HELP(self) -> str:  # noqa: N802
        """What it does, for the list of commands."""
        return f"{self.local.HELP}; a run of one step"

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Adds the command's options: those of the cluster, and those of the local command."""
        add_cluster(parser)
        add_package(parser)
        add_account(parser)
        parser.add_argument(
            "--wait",
            type=whole_number(0, LONGEST_SECONDS),
            default=600,
            metavar="SECONDS",
            help="how long to wait for the run's end; 0: not at all (default: 600)",
        )
        parser.set_defaults(beam_args=[])
        self.local.add_arguments(parser)

    def run(self, arguments: argparse.Namespace) -> None:
        """Starts the run, waits for it and shows what its step says."""
        package = compiled.read(arguments.package)
        given = one_step.run_arguments(self.line(arguments))
        width = shutil.get_terminal_size((100, 24)).columns
        paths = self.paths(arguments)
        text = one_step.one_step(package, self.NAME, self.like, paths, width)
        client = connection.connect(arguments.host, arguments.namespace)
        now = f"{datetime.datetime.now(datetime.timezone.utc):%Y%m%d-%H%M%S}"
        name = f"{package.name}-{self.NAME}-{now}"
        account = arguments.service_account
        started = answer.start(client, arguments.experiment, name, text, given, account)
        if not arguments.wait:
            print_line(Screen(), f"run {started.run_id}: {started.link}")
            return
        run = answer.wait(client, started, arguments.wait)
        namespace = arguments.namespace or "kubeflow"
        self._show(answer.read(client, started, run, namespace), started)

    def _show(self, said: answer.Answer | None, started: answer.Started) -> None:
        if said is None:
            text = f"{self.NAME} is done; its log cannot be read from here, its answer is on "
            print_line(Screen(), text + started.link)
            return
        for line in said.warnings:
            print_line(Screen(stderr=True), line, "yellow")
        for line in said.lines:
            print_line(Screen(), line)

    def line(self, arguments: argparse.Namespace) -> list[str]:
        """Returns the local command's options as they are typed."""
        own = Parser(add_help=False)
        self.local.add_arguments(own)
        options, positional = [], []
        for action in own._actions:
            value = getattr(arguments, action.dest)
            if not action.option_strings:
                positional += [] if value is None else [value]
            elif action.nargs == 0:
                options += [action.option_strings[-1]] if value else []
            else:
                values = value if isinstance(value, list) else [value]
                options += [f"{action.option_strings[-1]}={one}" for one in values]
        return [*options, *(["--", *positional] if positional else [])]


def _recommend_paths(arguments: argparse.Namespace) -> list[str]:
    """Returns the output, and the file of users where one is meant.

    Raises:
        ConfigError: A path is not one of the cluster's.
    """
    output: Any = arguments.output
    if not output.is_absolute():
        raise ConfigError(
            f"--output: {shown(str(output))} is relative; accepted: a path on a volume, as "
            "containers see it"
        )
    paths, users = [str(output)], arguments.users
    if users != ALL and (users.startswith("/") or _is_file(users)):
        if not users.startswith("/"):
            raise ConfigError(
                f"--users: {shown(users)} is a file of this machine; accepted: a file on a volume, "
                "as containers see it, ids as in 1,2,3, or all"
            )
        paths.append(users)
    return paths


def _is_file(text: str) -> bool:
    try:
        return Path(text).is_file()
    except (OSError, ValueError):
        return False


COMMANDS = (
    ServedCommand(models, nodes.LIVE_MODEL.id),
    ServedCommand(rollback, nodes.PUSHER.id),
    ServedCommand(recommend, nodes.EVALUATOR.id, _recommend_paths),
)

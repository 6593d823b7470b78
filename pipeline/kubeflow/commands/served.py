"""The commands on the served folder: local ones, each as a run of one step on the cluster."""

from __future__ import annotations

import argparse
import datetime
import shutil
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from types import ModuleType, SimpleNamespace

from components.errors import ConfigError, shown
from pipeline.argument_types import Parser, whole_number
from pipeline.kubeflow.client import connection
from pipeline.kubeflow.commands.options import add_account, add_cluster, add_package
from pipeline.kubeflow.served import answer, compiled, one_step
from pipeline.local.commands.wanted_users import ALL, is_file
from pipeline.terminal import Screen, print_line

LONGEST_SECONDS = 86_400


def on_cluster(
    local: ModuleType,
    like: str,
    paths: Callable[[argparse.Namespace], Sequence[str]] = lambda arguments: (),
) -> SimpleNamespace:
    """Returns a local command on the served folder as a command of this runner.

    Args:
        local: The module of the local command.
        like: Step whose resources its run gets.
        paths: Returns what it reads and writes beside the served folder, as containers see it.
    """
    return SimpleNamespace(
        NAME=local.NAME,
        HELP=f"{local.HELP}; a run of one step",
        add_arguments=partial(add_arguments, local=local),
        run=lambda arguments: run(arguments, local, like, paths(arguments)),
    )


def add_arguments(parser: argparse.ArgumentParser, local: ModuleType) -> None:
    """Adds the options of the cluster, and those of the local command."""
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
    local.add_arguments(parser)


def run(arguments: argparse.Namespace, local: ModuleType, like: str, paths: Sequence[str]) -> None:
    """Starts the run, waits for it and shows what its step says; see `on_cluster`."""
    package = compiled.read(arguments.package)
    given = one_step.run_arguments(local_line(arguments, local))
    width = shutil.get_terminal_size((100, 24)).columns
    text = one_step.one_step(package, local.NAME, like, paths, width)
    client = connection.connect(arguments.host, arguments.namespace)
    now = f"{datetime.datetime.now(datetime.timezone.utc):%Y%m%d-%H%M%S}"
    name = f"{package.name}-{local.NAME}-{now}"
    account = arguments.service_account
    root = package.pipeline_root
    started = answer.start(client, arguments.experiment, name, text, root, given, account)
    if not arguments.wait:
        print_line(Screen(), f"run {started.run_id}: {started.link}")
        return
    ended = answer.wait(client, started, arguments.wait)
    _show(answer.read(client, started, ended, arguments.namespace or "kubeflow"), started)


def _show(said: answer.Answer | None, started: answer.Started) -> None:
    if said is None:
        text = "the run is done; its log cannot be read from here, its answer is on "
        print_line(Screen(), text + started.link)
        return
    for line in said.warnings:
        print_line(Screen(stderr=True), line, "yellow")
    for line in said.lines:
        print_line(Screen(), line)


def local_line(arguments: argparse.Namespace, local: ModuleType) -> list[str]:
    """Returns the local command's options as they are typed."""
    own = Parser(add_help=False)
    local.add_arguments(own)
    options, positional = [], []
    for action in own._actions:
        value = getattr(arguments, action.dest, None)
        if value is None:
            continue
        if not action.option_strings:
            positional.append(value)
        elif action.nargs == 0:
            options += [action.option_strings[-1]] if value else []
        else:
            values = value if isinstance(value, list) else [value]
            options += [f"{action.option_strings[-1]}={one}" for one in values]
    return [*options, *(["--", *positional] if positional else [])]


def output_and_users(arguments: argparse.Namespace) -> list[str]:
    """Returns the output of `recommend`, and the file of users where one is meant.

    Raises:
        ConfigError: A path is not one of the cluster's.
    """
    output: Path = arguments.output
    if not output.is_absolute():
        raise ConfigError(
            f"--output: {shown(str(output))} is relative; accepted: a path on a volume, as "
            "containers see it"
        )
    paths, users = [str(output)], arguments.users
    if users != ALL and (users.startswith("/") or is_file(users)):
        if not users.startswith("/"):
            raise ConfigError(
                f"--users: {shown(users)} is a file of this machine; accepted: a file on a volume, "
                "as containers see it, ids as in 1,2,3, or all"
            )
        paths.append(users)
    return paths

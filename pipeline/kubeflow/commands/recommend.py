"""The command that writes recommendations, on the cluster."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from components.errors import ConfigError, shown
from pipeline import nodes
from pipeline.kubeflow.commands import served
from pipeline.local.commands import recommend as local
from pipeline.local.commands.wanted_users import ALL

NAME = local.NAME
HELP = f"{local.HELP}; {served.HOW}"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the command's options."""
    served.add_arguments(parser, local)


def run(arguments: argparse.Namespace) -> None:
    """Carries out the command on the cluster."""
    served.run(arguments, local, nodes.EVALUATOR.id, cluster_paths(arguments))


def cluster_paths(arguments: argparse.Namespace) -> list[str]:
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

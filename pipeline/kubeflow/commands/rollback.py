"""The command that makes an older version live again, on the cluster."""

from __future__ import annotations

import argparse

from pipeline import nodes
from pipeline.kubeflow.commands import served
from pipeline.local.commands import rollback as local

NAME = local.NAME
HELP = f"{local.HELP}; {served.HOW}"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the command's options."""
    served.add_arguments(parser, local)


def run(arguments: argparse.Namespace) -> None:
    """Carries out the command on the cluster."""
    served.run(arguments, local, nodes.PUSHER.id)

"""Options that several commands have."""

from __future__ import annotations

import argparse
from pathlib import Path

from pipeline.argument_types import path


def add_cluster(parser: argparse.ArgumentParser) -> None:
    """Adds the options that name the cluster."""
    add = parser.add_argument
    add("--host", metavar="URL", help="address of the API (default: KF_PIPELINES_ENDPOINT)")
    add("--namespace", metavar="NAME", help="Kubernetes namespace of a multi-user cluster")
    add("--experiment", default="movielens", metavar="NAME", help="default: movielens")


def add_account(parser: argparse.ArgumentParser) -> None:
    """Adds the option that names the account of the runs."""
    parser.add_argument(
        "--service-account",
        metavar="NAME",
        help="account of the run's pods, as of deploy/pipeline (default: Kubeflow's own)",
    )


def add_run_parameters(parser: argparse.ArgumentParser) -> None:
    """Adds the options that name the package and values for its run parameters."""
    parser.add_argument(
        "--param",
        action="append",
        default=[],
        dest="values",
        metavar="NAME=VALUE",
        help="run parameter, as in epochs=10; may be repeated",
    )
    add_package(parser)


def add_package(parser: argparse.ArgumentParser) -> None:
    """Adds the option that names the compiled package."""
    parser.add_argument(
        "--package",
        type=path,
        default=Path("build/movielens.yaml"),
        metavar="FILE",
        help="what `compile` wrote (default: build/movielens.yaml)",
    )

"""Takes the pipeline to Kubeflow Pipelines 2.x: compile, submit, schedule, status."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from pipeline.argument_types import whole_number

ENVIRONMENT = """\
The cluster is found as kfp.Client finds it: --host or KF_PIPELINES_ENDPOINT, else the service
inside the cluster. Credentials: KF_PIPELINES_TOKEN, or kfp's own ~/.config/kfp/context.json.

exit codes: 0 done, 1 the cluster cannot be reached or refused, 2 bad arguments or settings
"""


def build_parser() -> argparse.ArgumentParser:
    """Builds the parser of the command line."""
    parser = argparse.ArgumentParser(
        prog="kubeflow_runner.py",
        description=__doc__,
        epilog=ENVIRONMENT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _add_compile(commands.add_parser("compile", help="write the YAML that the page's upload takes"))
    _add_submit(commands.add_parser("submit", help="upload the YAML as a new version and run it"))
    _add_schedule(commands.add_parser("schedule", help="run the newest version again and again"))
    _add_status(commands.add_parser("status", help="last runs, gate decisions, links"))
    return parser


def _add_compile(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--image", required=True, metavar="NAME:TAG", help="image of the steps; no moving tag")
    add(
        "--pipeline-root",
        required=True,
        metavar="URI",
        help="where artifacts go: minio://BUCKET/…, s3://BUCKET/… or gs://BUCKET/…",
    )
    add(
        "--data-root",
        required=True,
        metavar="DIR",
        help="default data location, as the containers see it: on a volume, or gs://…",
    )
    add(
        "--serving-root",
        required=True,
        metavar="DIR",
        help="folder of the served models, as the containers see it; the versions go to DIR/NAME",
    )
    add(
        "--pvc",
        action="append",
        default=[],
        metavar="CLAIM:/PATH",
        help="volume for data and models, mounted by the steps that touch it; may be repeated",
    )
    add("--pipeline-name", default="movielens", metavar="NAME", help="default: movielens")
    add("--schema", metavar="FILE", help="schema in the image or on a volume (default: curated)")
    add("--preset", default="default", metavar="NAME", help="default of the run parameter `preset`")
    add("--config", type=Path, metavar="FILE", help="YAML file of settings, laid over the preset")
    add(
        "--set",
        action="append",
        default=[],
        dest="assignments",
        metavar="SECTION.KEY=VALUE",
        help="one setting, kubeflow.steps and beam.args among them; may be repeated",
    )
    add(
        "--env",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="environment variable of every container, not for secrets; may be repeated",
    )
    add(
        "--output",
        type=Path,
        default=Path("build/movielens.yaml"),
        metavar="FILE",
        help="default: build/movielens.yaml",
    )


def _add_cluster(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--host", metavar="URL", help="address of the API (default: KF_PIPELINES_ENDPOINT)")
    add("--namespace", metavar="NAME", help="Kubernetes namespace of a multi-user cluster")
    add("--experiment", default="movielens", metavar="NAME", help="default: movielens")


def _add_param(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--param",
        action="append",
        default=[],
        dest="values",
        metavar="NAME=VALUE",
        help="run parameter, as in epochs=10; may be repeated",
    )
    parser.add_argument(
        "--package",
        type=Path,
        default=Path("build/movielens.yaml"),
        metavar="FILE",
        help="what `compile` wrote (default: build/movielens.yaml)",
    )


def _add_submit(parser: argparse.ArgumentParser) -> None:
    _add_cluster(parser)
    _add_param(parser)


def _add_schedule(parser: argparse.ArgumentParser) -> None:
    _add_cluster(parser)
    _add_param(parser)
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


def _add_status(parser: argparse.ArgumentParser) -> None:
    _add_cluster(parser)
    parser.add_argument(
        "--count",
        type=whole_number(1, 1000),
        default=5,
        metavar="N",
        help="runs, 1 to 1000 (default: 5)",
    )


def main(argv: Sequence[str] | None = None) -> int:
    """Parses the arguments and does what they say; returns the exit code."""
    arguments = build_parser().parse_args(argv)
    # TFRS needs tf-keras; the variable must stand before TensorFlow is imported.
    os.environ.setdefault("TF_USE_LEGACY_KERAS", "1")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    from pipeline.kubeflow import commands

    return commands.run(arguments)


if __name__ == "__main__":
    sys.exit(main())

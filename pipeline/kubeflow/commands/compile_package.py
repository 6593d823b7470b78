"""The command that writes the YAML."""

from __future__ import annotations

import argparse
import time
from pathlib import Path, PurePosixPath

from components.errors import ConfigError, shown
from pipeline.argument_types import path
from pipeline.config import settings
from pipeline.kubeflow.compile import compiler
from pipeline.kubeflow.compile.target import SCHEMA, Mount, Target, check_path
from pipeline.terminal import Screen, print_line

NAME = "compile"
HELP = "write the YAML that the page's upload takes"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the command's options."""
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
    add("--config", type=path, metavar="FILE", help="YAML file of settings, laid over the preset")
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
        type=path,
        default=Path("build/movielens.yaml"),
        metavar="FILE",
        help="default: build/movielens.yaml",
    )


def run(arguments: argparse.Namespace) -> None:
    """Writes the YAML."""
    start = time.monotonic()
    base = settings.base_tree(arguments.config, arguments.assignments)
    text = compiler.compile_pipeline(read_target(arguments), arguments.preset, base)
    compiler.write(text, arguments.output)
    screen, seconds = Screen(), time.monotonic() - start
    print_line(screen, f"{arguments.output}: {len(text) // 1024} KiB in {seconds:.1f} s")
    how = f"kubeflow_runner.py submit --package {arguments.output}"
    print_line(screen, f"upload it on the page under Pipelines, or: {how}")


def read_target(arguments: argparse.Namespace) -> Target:
    """Returns where the compiled pipeline is to run.

    Raises:
        ConfigError: Two arguments do not fit.
    """
    check_path(arguments.serving_root, "--serving-root")
    target = Target(
        name=arguments.pipeline_name,
        image=arguments.image,
        pipeline_root=arguments.pipeline_root,
        data_root=arguments.data_root,
        destination=str(PurePosixPath(arguments.serving_root) / arguments.pipeline_name),
        schema_file=SCHEMA if arguments.schema is None else arguments.schema,
        mounts=tuple(map(Mount.parse, arguments.pvc)),
        environment=dict(map(read_variable, arguments.env)),
    )
    if not target.is_on_volume(target.destination):
        raise ConfigError(
            f"--serving-root: {shown(arguments.serving_root, quote=False)} is on no volume, models "
            "would be lost; accepted: a folder below the path of a --pvc"
        )
    return target


def read_variable(text: str) -> tuple[str, str]:
    """Reads NAME=VALUE.

    Raises:
        ConfigError: It is something else.
    """
    name, equals, value = text.partition("=")
    if not (equals and name):
        raise ConfigError(f"--env: {shown(text)} is not NAME=VALUE")
    return name, value

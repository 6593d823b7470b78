"""The commands of kubeflow_runner.py: arguments in, lines for people and an exit code out."""

from __future__ import annotations

import argparse
import sys
import time
import warnings
from pathlib import PurePosixPath

from components.errors import ConfigError, UserError
from pipeline.config import settings
from pipeline.kubeflow.client import connection, package, recurring_runs, runs
from pipeline.kubeflow.compile import compiler

EXIT_DONE, EXIT_CLUSTER, EXIT_USER = 0, 1, 2


def run(arguments: argparse.Namespace) -> int:
    """Runs one command; returns the exit code."""
    command = {
        "compile": compile_command,
        "submit": submit_command,
        "schedule": schedule_command,
        "status": status_command,
    }[arguments.command]
    # TFX's and Google's libraries warn of Python versions and of one another.
    warnings.simplefilter("ignore")
    try:
        command(arguments)
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return EXIT_USER
    except connection.ClusterError as error:
        print(f"error: {error}", file=sys.stderr)
        return EXIT_CLUSTER
    return EXIT_DONE


def compile_command(arguments: argparse.Namespace) -> None:
    """Writes the YAML."""
    start = time.monotonic()
    base = settings.base_tree(arguments.config, arguments.assignments)
    text = compiler.compile_pipeline(read_target(arguments), arguments.preset, base)
    compiler.write(text, arguments.output)
    print(f"{arguments.output}: {len(text) // 1024} KiB in {time.monotonic() - start:.1f} s")
    print("upload it on the page under Pipelines, or: kubeflow_runner.py submit --package", end=" ")
    print(arguments.output)


def read_target(arguments: argparse.Namespace) -> compiler.Target:
    """Returns where the compiled pipeline is to run.

    Raises:
        ConfigError: Two arguments do not fit.
    """
    target = compiler.Target(
        name=arguments.pipeline_name,
        image=arguments.image,
        pipeline_root=arguments.pipeline_root,
        data_root=arguments.data_root,
        destination=str(PurePosixPath(arguments.serving_root) / arguments.pipeline_name),
        schema_file=arguments.schema or compiler.SCHEMA,
        mounts=tuple(map(compiler.Mount.parse, arguments.pvc)),
        environment=dict(map(read_variable, arguments.env)),
    )
    if not any(mount.holds(target.destination) for mount in target.mounts):
        raise ConfigError(
            f"--serving-root: {arguments.serving_root} is on no volume, models would be lost; "
            "accepted: a folder below the path of a --pvc"
        )
    return target


def read_variable(text: str) -> tuple[str, str]:
    """Reads NAME=VALUE.

    Raises:
        ConfigError: It is something else.
    """
    name, equals, value = text.partition("=")
    if not (equals and name):
        raise ConfigError(f"--env: {text!r} is not NAME=VALUE")
    return name, value


def submit_command(arguments: argparse.Namespace) -> None:
    """Uploads and runs."""
    values = package.read_values(package.read_package(arguments.package), arguments.values)
    connected = connection.connect(arguments.host, arguments.namespace)
    submitted = runs.submit(connected, arguments.package, arguments.experiment, values)
    print(f"version {submitted.version}, run {submitted.run_id}")
    print(submitted.link)


def schedule_command(arguments: argparse.Namespace) -> None:
    """Makes, lists, disables or deletes schedules."""
    spec = package.read_package(arguments.package)
    values = package.read_values(spec, arguments.values)
    name = spec["pipelineInfo"]["name"]
    if arguments.cron:
        recurring_runs.with_seconds(arguments.cron)  # fail before the cluster is asked
    connected = connection.connect(arguments.host, arguments.namespace)
    if arguments.cron:
        recurring = recurring_runs.schedule(
            connected, name, arguments.experiment, arguments.cron, values, arguments.no_catchup
        )
        print(f"scheduled {name}: {recurring.cron} (UTC, seconds first), {recurring.id}")
        return
    if arguments.list:
        schedules = recurring_runs.schedules(connected, name, arguments.experiment)
    else:
        schedules = recurring_runs.end_schedules(
            connected, name, arguments.experiment, arguments.delete
        )
    word = "deleted" if arguments.delete else "disabled" if arguments.disable else ""
    for one in schedules:
        print(f"{one.id}  {one.cron:16}  {word or ('enabled' if one.enabled else 'disabled')}")
    if not schedules:
        print(f"no schedule of {name} in {arguments.experiment}")


def status_command(arguments: argparse.Namespace) -> None:
    """Shows the last runs."""
    connected = connection.connect(arguments.host, arguments.namespace)
    newest = runs.status(connected, arguments.experiment, arguments.count)
    for one in newest:
        print(f"{one.created}  {one.state:10}  gate: {one.gate}")
        print(f"    {one.name}  {one.link}")
    if not newest:
        print(f"no run in {arguments.experiment}")

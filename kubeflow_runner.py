"""Takes the pipeline to Kubeflow Pipelines 2.x: compile, submit, schedule, status."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from pipeline.argument_types import parse_line
from pipeline.kubeflow.commands.command_line import add_commands, run_command
from pipeline.terminal import guarded

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
    add_commands(parser)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Parses the arguments and does what they say; returns the exit code."""
    arguments = parse_line(build_parser(), argv)
    # TFRS needs tf-keras; the variable must stand before TensorFlow is imported.
    os.environ.setdefault("TF_USE_LEGACY_KERAS", "1")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    return run_command(arguments)


if __name__ == "__main__":
    sys.exit(guarded(main))

"""Takes the pipeline to Kubeflow Pipelines 2.x: compile, submit, schedule, status."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.interrupts import run_program

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

# Other imports stand in the functions: a second, in which a signal must be answered too.

ENVIRONMENT = """\
The cluster is found as kfp.Client finds it: --host or KF_PIPELINES_ENDPOINT, else the service
inside the cluster. Credentials: KF_PIPELINES_TOKEN, or kfp's own ~/.config/kfp/context.json.

exit codes: 0 done; 1 the cluster cannot be reached or refused, or anything else; 2 bad arguments or
settings; 130, 143, 129 ended by Ctrl-C, SIGTERM or SIGHUP
"""


def build_parser() -> argparse.ArgumentParser:
    """Builds the parser of the command line."""
    import argparse

    from pipeline.argument_types import Parser
    from pipeline.kubeflow.commands.command_line import add_commands

    parser = Parser(
        prog="kubeflow_runner.py",
        description=__doc__,
        epilog=ENVIRONMENT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_commands(parser)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Parses the arguments and does what they say; returns the exit code."""
    from components.tensorflow_settings import prepare_tensorflow
    from pipeline.argument_types import parse_line
    from pipeline.endings import answered
    from pipeline.kubeflow.commands.command_line import run_command

    arguments = parse_line(build_parser(), argv)
    # Before anything imports TensorFlow, here or in the processes that this one starts.
    prepare_tensorflow(log_level=3)
    return answered(lambda: run_command(arguments))


if __name__ == "__main__":
    run_program(main)

"""Runs the pipeline on this machine: rating files in, a pushed retrieval model out."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from pipeline.interrupts import run_program

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

# Other imports stand in the functions: half a second, in which a signal must be answered too.

EXIT_CODES = """\
exit codes:
  0  pushed, or nothing new to do
  1  anything else, an interrupted run too
  2  bad arguments, configuration or data
  3  the gate refused the model; nothing was pushed
  130, 143, 129  a command beside a run was ended by Ctrl-C, SIGTERM or SIGHUP
"""


def build_parser() -> argparse.ArgumentParser:
    """Builds the parser of the command line."""
    import argparse
    from pathlib import Path

    from components.example_gen.config import SPLIT_METHODS
    from pipeline.argument_types import Parser, path, whole_number
    from pipeline.local.commands.command_line import add_commands
    from pipeline.local.run.data_root import add_data_arguments

    parser = Parser(
        prog="local_runner.py",
        description=__doc__,
        epilog=EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add_data_arguments(parser)
    add(
        "--output-root",
        type=path,
        default=Path("runs"),
        metavar="DIR",
        help="folder of models, artifacts, logs and last_run.json (default: runs)",
    )
    add(
        "--pipeline-name",
        default="movielens",
        metavar="NAME",
        help="name of the pipeline and of its served model (default: movielens)",
    )
    add(
        "--preset",
        default="default",
        metavar="NAME",
        help="named settings: default, or the notebook's rows notebook-32, notebook-64, "
        "notebook-64-slow",
    )
    add("--config", type=path, metavar="FILE", help="YAML file of settings, laid over the preset")
    add(
        "--set",
        action="append",
        default=[],
        metavar="SECTION.KEY=VALUE",
        dest="assignments",
        help="one setting, laid over preset and file; may be repeated; --settings lists all",
    )
    add(
        "--split",
        choices=SPLIT_METHODS,
        help="short for --set split.method=…",
    )
    add(
        "--beam-arg",
        action="append",
        default=[],
        metavar="--OPTION=VALUE",
        dest="beam_args",
        help="a Beam option beside those of the settings beam.…; with --runner=… among them they "
        "stand alone; may be repeated",
    )
    tuning = parser.add_mutually_exclusive_group()
    tuning.add_argument(
        "--tune",
        type=whole_number(0, 1_000_000),
        metavar="N",
        help="try N settings of the Trainer on a part of train, then train with the best; "
        "short for --set tuner.trials=N",
    )
    tuning.add_argument(
        "--use-best",
        action="store_true",
        help="train with the best settings of the newest --tune",
    )
    add("--no-cache", action="store_true", help="run every component again")
    add(
        "--verbose",
        action="store_true",
        help="show the logs of TFX, Beam and TensorFlow instead of writing them to a file",
    )
    add(
        "--schedule",
        metavar="CRON",
        default="",
        help="run again and again, as '0 3 * * *' for every day at 3; skips where nothing is new",
    )
    add("--settings", action="store_true", help="list every setting with its default and end")
    add(
        "--infer-schema",
        type=path,
        metavar="FILE",
        help="write a schema inferred from the data to FILE and end",
    )
    add_commands(parser)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Parses the arguments and runs; returns the exit code."""
    from components.tensorflow_settings import prepare_tensorflow
    from pipeline.argument_types import parse_line
    from pipeline.endings import answered

    line = sys.argv[1:] if argv is None else argv
    arguments = parse_line(build_parser(), line)
    # Before anything imports TensorFlow, here or in the processes that this one starts.
    prepare_tensorflow()
    return answered(lambda: carry_out(arguments, line))


def carry_out(arguments: argparse.Namespace, line: Sequence[str]) -> int:
    """Does what the arguments say; returns the exit code."""
    from pipeline.local.commands.command_line import run_command
    from pipeline.terminal import Screen, print_line

    if arguments.command:
        return run_command(arguments)
    if arguments.settings:
        from pipeline.local.screen.settings_list import print_settings

        return print_settings()
    what = f"Two-tower retrieval pipeline {arguments.pipeline_name!r} → {arguments.output_root}"
    print_line(Screen(), what)
    sys.stdout.flush()
    if arguments.schedule:
        from pipeline.local.scheduling.schedule import serve

        return serve(arguments, line)
    from pipeline.local.run.session import run

    return run(arguments)


if __name__ == "__main__":
    run_program(main)

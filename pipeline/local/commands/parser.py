"""The commands beside a run: models, rollback, recommend, clean."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from rich.console import Console

from components.errors import UserError
from pipeline.local.commands.durations import age
from pipeline.local.run.run_record import EXIT_OTHER, EXIT_USER
from pipeline.local.workspace.workspace import BusyError, Workspace


def add_commands(parser: argparse.ArgumentParser) -> None:
    """Adds the commands to the runner's parser; without one it runs the pipeline."""
    commands = parser.add_subparsers(
        dest="command",
        metavar="COMMAND",
        title="commands (default: run the pipeline)",
        required=False,
    )
    _add_models(commands)
    _add_rollback(commands)
    _add_recommend(commands)
    _add_clean(commands)


def _add(commands: Any, name: str, text: str) -> argparse.ArgumentParser:
    """Adds a command with the options that say where it works."""
    parser = commands.add_parser(name, help=text, description=text[0].upper() + text[1:] + ".")
    # The options stand before the command too; without SUPPRESS these defaults would undo them.
    for option, kind in (("--output-root", Path), ("--pipeline-name", str)):
        parser.add_argument(
            option, type=kind, default=argparse.SUPPRESS, help="as for a run", metavar="…"
        )
    return parser


def _add_models(commands: Any) -> None:
    parser = _add(commands, "models", "list the pushed versions and say which one is live")
    parser.add_argument("--json", action="store_true", help="print JSON, with all figures")


def _add_rollback(commands: Any) -> None:
    parser = _add(commands, "rollback", "make an older version live again, as a copy of it")
    parser.add_argument(
        "version", nargs="?", help="version (default: the one that was live before)"
    )
    parser.add_argument("--reason", required=True, help="why, for the history")


def _add_recommend(commands: Any) -> None:
    parser = _add(commands, "recommend", "write the live model's recommendations to Parquet")
    parser.add_argument(
        "--users",
        required=True,
        metavar="WHO",
        help="file with one id a line, ids as in 1,2,3, or all whom the model knows",
    )
    parser.add_argument(
        "--output",
        required=True,
        type=Path,
        metavar="PATH",
        help="file (*.parquet) or folder, replaced if it is an earlier output",
    )
    parser.add_argument(
        "--k", type=_list_length, default=100, help="movies for each user, 1 to 100 (default: 100)"
    )
    parser.add_argument(
        "--beam-arg",
        action="append",
        default=argparse.SUPPRESS,
        metavar="--OPTION=VALUE",
        dest="beam_args",
        help="Beam pipeline option, as for a run",
    )


def _list_length(text: str) -> int:
    """Returns k; a type for argparse."""
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 100):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1 to 100")
    return int(text)


def _add_clean(commands: Any) -> None:
    parser = _add(
        commands, "clean", "remove surplus versions, never the live one, and what old runs left"
    )
    parser.add_argument(
        "--older-than",
        type=age,
        metavar="AGE",
        help="remove the artifacts of runs that ended before, as 30d or 12h; not those of the run "
        "that pushed the live version",
    )
    parser.add_argument(
        "--keep-versions",
        type=int,
        metavar="N",
        help="versions to keep, 0 for all (default: retention.keep_versions of the newest run)",
    )
    parser.add_argument("--dry-run", action="store_true", help="only list, with sizes")


def run_command(arguments: argparse.Namespace) -> int:
    """Carries out a command; returns the exit code."""
    console = Console(stderr=True)
    try:
        workspace = Workspace(arguments.output_root, arguments.pipeline_name)
        return _dispatch(arguments, workspace)
    except UserError as error:
        return refuse(console, error, EXIT_OTHER if isinstance(error, BusyError) else EXIT_USER)
    except OSError as error:
        return refuse(console, error, EXIT_OTHER)


def refuse(console: Console, error: Exception, code: int) -> int:
    """Prints an error in one line and returns the exit code."""
    console.print(f"error: {error}", style="red", markup=False, highlight=False, soft_wrap=True)
    return code


def _dispatch(arguments: argparse.Namespace, workspace: Workspace) -> int:
    if arguments.command == "models":
        from pipeline.local.commands.versions import print_versions

        return print_versions(workspace, arguments.json)
    if arguments.command == "rollback":
        from pipeline.local.commands.rollback import roll_back

        return roll_back(workspace, arguments.version, arguments.reason)
    if arguments.command == "recommend":
        from pipeline.local.commands.recommend import recommend

        return recommend(
            workspace, arguments.users, arguments.output, arguments.k, arguments.beam_args
        )
    if arguments.command == "clean":
        from pipeline.local.commands.clean import clean

        return clean(workspace, arguments.older_than, arguments.keep_versions, arguments.dry_run)
    raise AssertionError(arguments.command)

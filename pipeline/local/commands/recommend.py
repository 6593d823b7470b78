"""The command that writes recommendations of the live model for many users."""

from __future__ import annotations

import argparse
import os
import shutil
import tempfile
import time
from pathlib import Path

from components.contracts.saved_model import MAX_K
from components.errors import ConfigError
from components.literal_paths import without_special_characters
from components.served_versions.versions import find_live
from pipeline.argument_types import path, whole_number
from pipeline.config.beam import BeamConfig
from pipeline.config.beam_engines import beam_args
from pipeline.config.beam_options import check_beam
from pipeline.garbage_collection import paused_for_imports
from pipeline.interrupts import undoing
from pipeline.local.commands.wanted_users import known_users, wanted_users
from pipeline.local.process.logs import captured
from pipeline.local.workspace.workspace import Workspace
from pipeline.terminal import Screen, print_line

NAME = "recommend"
HELP = "write the live model's recommendations to Parquet"
_SUFFIX = ".parquet"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the command's own options."""
    add = parser.add_argument
    add(
        "--users",
        required=True,
        metavar="WHO",
        help="file with one id a line, ids as in 1,2,3, or all whom the model knows",
    )
    add(
        "--output",
        required=True,
        type=path,
        metavar="PATH",
        help="file (*.parquet) or folder, replaced if it is an earlier output",
    )
    k_help = f"movies for each user, 1 to {MAX_K} (default: {MAX_K})"
    add("--k", type=whole_number(1, MAX_K), default=MAX_K, help=k_help)
    add(
        "--beam-arg",
        action="append",
        default=argparse.SUPPRESS,
        metavar="--OPTION=VALUE",
        dest="beam_args",
        help="Beam pipeline option, as for a run",
    )


def run(workspace: Workspace, arguments: argparse.Namespace) -> int:
    """Carries out the command; returns the exit code."""
    beam = BeamConfig(args=tuple(arguments.beam_args))
    return recommend(workspace, arguments.users, arguments.output, arguments.k, beam)


def recommend(workspace: Workspace, users: str, output: Path, k: int, beam: BeamConfig) -> int:
    """Writes k movies for each user with the live model; returns the exit code.

    Args:
        workspace: The output root.
        users: See `wanted_users`.
        output: A file (.parquet) or a folder, which holds as many files as Beam decides.
        k: Movies for each user.
        beam: The engine.

    Raises:
        ConfigError: The output root is a pattern, nothing is live, there are no users, the output
            is something else, or Beam has no such option.
    """
    workspace.check_literal()
    live = find_live(workspace.serving)
    if live is None:
        raise ConfigError(f"recommend: nothing is live in {workspace.serving}; run first")
    version, model = live
    known = known_users(model)
    ids = wanted_users(users, known)
    check_output(output)
    check_beam(beam)
    log = log_path(workspace)
    start = time.monotonic()
    with captured(log, verbose=False) as terminal:
        console = Screen(file=terminal)
        with console.waiting("Loading TensorFlow and Beam …"), paused_for_imports():
            from pipeline.local.commands.batch_inference import write_recommendations
        loaded = time.monotonic()
        aside = output.absolute().with_name(f".{output.name}.writing-{os.getpid()}")
        with undoing():
            aside.mkdir(parents=True)
            try:
                shards = int(output.suffix == _SUFFIX)
                with without_special_characters(aside) as folder:
                    write_recommendations(model, ids, k, folder, shards, beam_args(beam))
                put_in_place(aside, output)
            finally:
                shutil.rmtree(aside, ignore_errors=True)
        unknown = len(set(ids) - set(known))
        print_line(
            console,
            f"{len(ids):,} users ({unknown:,} unknown: popular movies) × {k} → {output}, "
            f"by version {version}; {time.monotonic() - loaded:.1f} s "
            f"after {loaded - start:.1f} s of imports",
        )
    return 0


def log_path(workspace: Workspace) -> Path:
    """Returns where the log goes: to the logs, or else, for whoever may only read, to a new folder.

    The folder is in the temporary directory.
    """
    log = workspace.log.with_name(f"{workspace.name}-recommend.log")
    try:
        log.parent.mkdir(parents=True, exist_ok=True)
        writable = os.access(log.parent, os.W_OK) and (not log.exists() or os.access(log, os.W_OK))
    except OSError:
        writable = False
    return log if writable else Path(tempfile.mkdtemp(prefix="recommend-")) / log.name


def check_output(output: Path) -> None:
    """Refuses to write over what is not an earlier output.

    Raises:
        ConfigError: A folder stands where a file should go, or holds anything but Parquet files.
    """
    if output.absolute() in (Path.cwd(), *Path.cwd().parents) or output.name == "..":
        raise ConfigError(f"--output: {output} is where this command stands; name a file or folder")
    if output.is_symlink() and not output.exists():
        raise ConfigError(f"--output: {output} is a link to nothing; name another")
    if output.suffix == _SUFFIX:
        if output.is_dir():
            raise ConfigError(f"--output: {output} is a folder; name a file or a folder without .")
        if output.exists() and not output.is_file():
            raise ConfigError(f"--output: {output} is not a regular file; name another")
        return
    if output.is_dir():
        others = [path.name for path in output.iterdir() if path.suffix != _SUFFIX]
        if others:
            raise ConfigError(
                f"--output: {output} holds {others[0]}, so it is no earlier output; name another"
            )
    elif output.exists():
        raise ConfigError(f"--output: {output} is a file; accepted: a folder, or a file *.parquet")


def put_in_place(aside: Path, output: Path) -> None:
    """Renames what was written: the one file to a file, or the folder to a folder."""
    if output.suffix == _SUFFIX:
        (file,) = aside.glob(f"*{_SUFFIX}")
        file.replace(output)
        return
    if output.exists():
        # A folder cannot replace another one in one step: for a moment there is none.
        former = aside.with_name(f"{aside.name}-former")
        output.rename(former)
        aside.rename(output)
        shutil.rmtree(former, ignore_errors=True)
    else:
        aside.rename(output)

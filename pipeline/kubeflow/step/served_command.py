"""The command of a container that does to the served folder what a local command does.

It is the local command itself, on the volume. What it prints is written between two marks into the
log, where the client finds it, and into an artifact that the page shows.
"""

from __future__ import annotations

import argparse
import json
import os
import shlex
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from typing import IO

from components.errors import StatedError
from components.tensorflow_settings import prepare_tensorflow
from pipeline.argument_types import Parser
from pipeline.interrupts import exit_with
from pipeline.kubeflow.launcher import ANSWER_BEGIN, ANSWER_END
from pipeline.kubeflow.step import executor_input
from pipeline.kubeflow.step.entrypoint import tell_reason
from pipeline.local.commands import models, recommend, rollback
from pipeline.local.workspace.workspace import ServedFolder

COMMANDS = {command.NAME: command for command in (models, rollback, recommend)}


def build_parser() -> argparse.ArgumentParser:
    """Builds the parser."""
    parser = argparse.ArgumentParser(prog="served_command", description=__doc__, allow_abbrev=False)
    parser.add_argument("command", choices=COMMANDS, help="local command")
    parser.add_argument("--destination", type=Path, required=True, help="folder of the versions")
    parser.add_argument("--root", type=Path, required=True, help="folder that holds history/")
    parser.add_argument("--columns", default="100", help="columns of tables")
    parser.add_argument("--executor_input", required=True, help="ExecutorInput")
    return parser


def command_parser(name: str) -> argparse.ArgumentParser:
    """Builds the parser of a local command's own options."""
    parser = Parser(prog=name)
    parser.set_defaults(beam_args=[])
    COMMANDS[name].add_arguments(parser)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Carries out a command; returns the exit code."""
    prepare_tensorflow(log_level=2)
    given = build_parser().parse_args(argv)
    os.environ["COLUMNS"] = given.columns
    message = json.loads(given.executor_input)
    line = shlex.split(str(executor_input.parameter_values(message).get("arguments", "")))
    folder = ServedFolder(given.root, given.destination.name, given.destination)
    try:
        arguments = command_parser(given.command).parse_args(line)
        with captured_output() as output:
            code = COMMANDS[given.command].run(folder, arguments)
        text = output.read()
    except StatedError as error:
        tell_reason(str(error))
        return error.exit_code
    except Exception as error:
        tell_reason(f"{given.command}: {type(error).__name__}: {error}")
        raise
    write_page(message, text)
    print("\n".join((ANSWER_BEGIN, text.rstrip("\n"), ANSWER_END)), flush=True)
    return code


@contextmanager
def captured_output() -> Iterator[IO[str]]:
    """Sends standard output, of native code too, to a file; yields it, to be read afterwards."""
    sys.stdout.flush()
    file = tempfile.TemporaryFile("w+", encoding="utf-8", errors="backslashreplace")  # noqa: SIM115
    saved = os.dup(1)
    os.dup2(file.fileno(), 1)
    try:
        with redirect_stdout(file):
            yield file
    finally:
        file.flush()
        os.dup2(saved, 1)
        os.close(saved)
        file.seek(0)


def write_page(message: executor_input.Message, text: str) -> None:
    """Writes the answer as the artifact that the page shows."""
    # Indented: whatever stands in it, Markdown shows it as it is.
    indented = "".join(f"    {line}\n" for line in text.splitlines())
    for artifact in executor_input.artifacts(message, "outputs"):
        if artifact.get("type", {}).get("schemaTitle") == "system.Markdown":
            path = Path(executor_input.to_local(artifact["uri"]))
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(indented, encoding="utf-8")


if __name__ == "__main__":
    exit_with(main)

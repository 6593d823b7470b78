"""Every command and every option of both programs, found from their parsers."""

from __future__ import annotations

import argparse
import importlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.hostile.place import NAME, Place

PROGRAMS = ("local_runner", "kubeflow_runner")
RUN = ""  # the command of local_runner.py that has no name
# What a command needs to work; {place} is the folder of the place.
# A new command works without an entry if it needs nothing but its required options.
NEEDED: dict[tuple[str, str], list[str]] = {
    ("local_runner", RUN): ["--data-root={place}/data"],
    ("local_runner", "inspect"): ["--data-root={place}/data"],
    ("local_runner", "rollback"): ["--reason=bad"],
    ("local_runner", "recommend"): ["--users=1", "--output=out.parquet"],
    ("kubeflow_runner", "compile"): [
        "--image=registry.example/recommender:1",
        "--pipeline-root=minio://mlpipeline/v2",
        "--data-root=/mnt/data",
        "--serving-root=/mnt/serving",
        "--pvc=recommender:/mnt",
        "--output=p.yaml",
    ],
    ("kubeflow_runner", "submit"): ["--package={place}/package.yaml"],
    ("kubeflow_runner", "schedule"): ["--package={place}/package.yaml", "--list"],
    ("kubeflow_runner", "doctor"): ["--package={place}/package.yaml"],
    ("kubeflow_runner", "models"): ["--package={place}/package.yaml"],
    ("kubeflow_runner", "rollback"): ["--package={place}/package.yaml", "--reason=bad"],
    ("kubeflow_runner", "recommend"): [
        "--package={place}/package.yaml",
        "--users=1",
        "--output=/mnt/recommender/recommendations",
    ],
}
# Other lines with which an option means anything.
WITH = {
    "data_cache": ["--data=ml-100k"],
    "data_mirror": ["--data=ml-100k"],
}
# Options that cannot stand beside the named ones of the line.
WITHOUT = {
    "data": ["--data-root"],
    "data_cache": ["--data-root"],
    "data_mirror": ["--data-root"],
    "ratings": ["--data-root"],
    "cron": ["--list"],
}
# Commands that make files where the user says.
WRITING = {("local_runner", RUN), ("local_runner", "recommend"), ("kubeflow_runner", "compile")}


@dataclass(frozen=True)
class Command:
    """A command of a program."""

    program: str
    name: str
    parser: Any

    def __str__(self) -> str:
        return f"{self.program} {self.name}".strip()

    @property
    def key(self) -> tuple[str, str]:
        return self.program, self.name

    @property
    def writes(self) -> bool:
        return self.key in WRITING

    def line(self, place: Place, without: list[str] | None = None) -> list[str]:
        """Returns a line that works, without some options."""
        options = [text.format(place=place.folder) for text in NEEDED.get(self.key, [])]
        left = [one for one in options if one.partition("=")[0] not in (without or [])]
        root = []
        if self.program == "local_runner" and "--output-root" not in (without or []):
            root = [f"--output-root={place.root}"]
        if self.program == "local_runner" and "--pipeline-name" not in (without or []):
            root.append(f"--pipeline-name={NAME}")
        return [*([self.name] if self.name else []), *root, *left]


@dataclass(frozen=True)
class Slot:
    """A place of a command line that takes a value."""

    command: Command
    action: Any

    def __str__(self) -> str:
        return f"{self.command} {self.option}"

    @property
    def option(self) -> str:
        """The option, or the name of a positional argument."""
        return self.action.option_strings[-1] if self.action.option_strings else self.action.dest

    def line(self, place: Place, value: str) -> list[str]:
        """Returns a line of the command with a value in this place."""
        dest = self.action.dest
        line = self.command.line(place, [self.option, *WITHOUT.get(dest, [])])
        given = [f"{self.option}={value}"] if self.action.option_strings else ["--", value]
        return [*line, *WITH.get(dest, []), *given]


def _sub_parsers(parser: argparse.ArgumentParser) -> Iterator[tuple[str, argparse.ArgumentParser]]:
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            yield from action.choices.items()


def commands() -> list[Command]:
    """Returns every command; a program whose command may be left out has one without a name."""
    found = []
    for program in PROGRAMS:
        parser = importlib.import_module(program).build_parser()
        required = any(
            isinstance(action, argparse._SubParsersAction) and action.required
            for action in parser._actions
        )
        if not required:
            found.append(Command(program, RUN, parser))
        found += [Command(program, name, sub) for name, sub in _sub_parsers(parser)]
    return found


def takes_value(action: argparse.Action) -> bool:
    """Tells whether an action is an option or argument with a value."""
    return action.nargs != 0 and not isinstance(action, argparse._SubParsersAction)


def slots() -> list[Slot]:
    """Returns every place of every command that takes a value."""
    return [
        Slot(command, action)
        for command in commands()
        for action in command.parser._actions
        if takes_value(action)
    ]


def base(path: str) -> str:
    """Returns the last part of a path."""
    return Path(path).name

"""Every option of every command, with every hostile text, number and file."""

from __future__ import annotations

import functools
from typing import Any

import pytest

from tests.hostile import command_lines
from tests.hostile.attempts import Outcome, attempt, check, shown_head
from tests.hostile.command_lines import Command, Slot
from tests.hostile.files import FILES, put
from tests.hostile.numbers import NUMBERS
from tests.hostile.place import Place
from tests.hostile.texts import TEXTS

COMMANDS = command_lines.commands()
SLOTS = command_lines.slots()


def codes(command: Command) -> tuple[int, ...]:
    """Returns the exit codes that are right: a cluster may not be there, or refuse."""
    asks_cluster = command.program == "kubeflow_runner" and command.name != "compile"
    return (0, 1, 2) if asks_cluster else (0, 2)


@pytest.mark.parametrize("command", COMMANDS, ids=str)
def test_base_line_works(place: Place, command: Command) -> None:
    # If this fails for a new command, NEEDED in command_lines.py lacks what it needs.
    outcome = attempt("base lines", place, command.program, command.line(place), codes=(0,))
    assert outcome.code in codes(command), outcome.output
    assert not outcome.faults, (outcome.faults, outcome.output)


def test_options_are_found() -> None:
    found = {str(slot) for slot in SLOTS}
    assert {
        "local_runner --set",
        "local_runner rollback version",
        "local_runner clean --older-than",
        "kubeflow_runner compile --pvc",
        "kubeflow_runner status --count",
    } <= found
    assert len(found) == len(SLOTS)


def tried(place: Place, slot: Slot, value: str, prepare: Any = None) -> Outcome:
    names = [
        slot.option,
        slot.action.dest,
        *([str(slot.action.metavar)] * bool(slot.action.metavar)),
    ]
    names += [shown_head(value), *([value[:4]] * bool(value)), *FURTHER.get(slot.action.dest, [])]
    return attempt(
        f"options: {slot.command.program}",
        place,
        slot.command.program,
        slot.line(place, value),
        codes=codes(slot.command),
        names=[name for name in names if name],
        writes=slot.command.writes,
        prepare=prepare,
        own=slot.action.dest in WRITTEN_ANYWAY,
    )


# Folders that are made, whatever comes then.
WRITTEN_ANYWAY = ("data_cache", "output_root")
# What a message may name in place of the option.
FURTHER = {
    "data_root": ["place/", "data: "],
    "ratings": ["data.ratings", "place/"],
    "movies": ["data.movies", "place/"],
    "users": ["data.users", "place/"],
    "beam_args": ["beam.args"],
    "assignments": ["no section", "no setting"],
    "more_assignments": ["no section", "no setting"],
    "split": ["split.method"],
    "tune": ["tuner.trials"],
    "reason": ["rollback"],
    "version": ["rollback"],
    "host": ["cluster", "http"],
    "namespace": ["cluster"],
    "experiment": ["cluster"],
    "service_account": ["cluster"],
    "context": ["cluster"],
    "data_mirror": ["--data", "ml-100k"],
    "data_cache": ["--data", "ml-100k", "place/"],
    "output_root": ["place/", "live"],
    "pipeline_name": ["live"],
    "pvc": ["--serving-root"],
    "serving_root": ["--pvc"],
}


@pytest.mark.parametrize("slot", SLOTS, ids=str)
def test_text_in_an_option(place: Place, slot: Slot) -> None:
    outcomes = {name: tried(place, slot, text) for name, text in TEXTS.items()}
    check(outcomes)


@pytest.mark.parametrize("slot", SLOTS, ids=str)
def test_number_in_an_option(place: Place, slot: Slot) -> None:
    outcomes = {name: tried(place, slot, text) for name, text in NUMBERS.items()}
    check(outcomes)


@pytest.mark.parametrize("slot", SLOTS, ids=str)
def test_file_in_an_option(place: Place, slot: Slot) -> None:
    outcomes = {}
    for name, make in FILES.items():
        prepare = functools.partial(put, make, place.work / "hostile")
        outcomes[name] = tried(place, slot, "hostile", prepare)
    check(outcomes)

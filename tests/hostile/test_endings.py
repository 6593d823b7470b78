"""Whatever a command raises, it ends with one line and an exit code: none has another way out."""

from __future__ import annotations

import errno
from typing import Any

import pytest

from components.errors import ConfigError, DataError
from pipeline.endings import ending
from pipeline.interrupts import Interrupted
from pipeline.kubeflow.client.connection import ClusterError
from pipeline.local.workspace.intents import NotRecordedError
from pipeline.local.workspace.workspace import BusyError
from tests.hostile import command_lines
from tests.hostile.attempts import carry_out, count, judge
from tests.hostile.command_lines import Command
from tests.hostile.place import Place

KIND = "endings"
COMMANDS = command_lines.commands()


class TextlessError(Exception):
    def __str__(self) -> str:
        raise RuntimeError("no text")

    __repr__ = __str__


def raised_from(error: BaseException, cause: BaseException) -> BaseException:
    error.__cause__ = cause
    return error


# The exit code that is promised for each.
ERRORS: dict[str, tuple[BaseException, int]] = {
    "a setting": (ConfigError("gate.max_drop=2: too large"), 2),
    "data": (DataError("ratings.csv: empty"), 2),
    "a setting inside of a library's error": (raised_from(ValueError("x"), ConfigError("y")), 2),
    "busy": (BusyError("another run"), 1),
    "the cluster": (ClusterError("no"), 1),
    "not recorded": (NotRecordedError("nothing was pushed"), 1),
    "a full disk": (OSError(errno.ENOSPC, "No space left on device", "/x"), 1),
    "a file that is gone": (FileNotFoundError(errno.ENOENT, "No such file", b"/x\xff"), 1),
    "a name that is too long": (OSError(errno.ENAMETOOLONG, "File name too long", "x" * 5000), 2),
    "an error of the system without a text": (OSError(), 1),
    "a closed pipe": (BrokenPipeError(errno.EPIPE, "Broken pipe"), 1),
    "a value": (ValueError("bad"), 1),
    "no text": (ValueError(), 1),
    "several lines": (ValueError("one\nerror: forged\nthree"), 1),
    "lines of a setting": (ConfigError("one\nerror: forged"), 2),
    "controls": (ValueError("\x1b[2J\x9b31m\r\x07"), 1),
    "controls in a setting": (ConfigError("\x1b[2J\u202e"), 2),
    "a megabyte": (ValueError("x" * 1_000_000), 1),
    "a megabyte in a setting": (ConfigError("\x1b" * 1_000_000), 2),
    "markup": (ValueError("[/x] [bold]"), 1),
    "half of a character": (ValueError("\ud800"), 1),
    "a text that cannot be had": (TextlessError(), 1),
    "no memory": (MemoryError(), 1),
    "too deep": (RecursionError("maximum recursion depth exceeded"), 1),
    "an assertion": (AssertionError(), 1),
    "a key": (KeyError("x"), 1),
    "an import": (ImportError("no module"), 1),
    "the end of a generator": (GeneratorExit(), 1),
    "an exit with a text": (SystemExit("a library ends the program"), 1),
    "an interrupt": (KeyboardInterrupt(), 130),
    "SIGTERM": (Interrupted(15), 143),
    "SIGHUP": (Interrupted(1), 129),
}


def function_of(command: Command) -> str:
    """Returns the name of the function that carries a command out."""
    from pipeline.kubeflow.commands.command_line import COMMANDS as KUBEFLOW
    from pipeline.local.commands.command_line import COMMANDS as LOCAL

    if not command.name:
        return "pipeline.local.run.session.run"
    table = LOCAL if command.program == "local_runner" else KUBEFLOW
    module = getattr(table[command.name], "__name__", "pipeline.kubeflow.commands.served")
    return f"{module}.run"


def judged(place: Place, command: Command, line: list[str], code: int) -> None:
    ended, output, raised = carry_out(place, command.program, line)
    faults = list(judge(ended, output.replace("a fault of this", ""), raised, (code,)))
    if code > 2:  # an interrupt is none of a command's answers
        faults = [fault for fault in faults if "lines say" not in fault]
        if [line for line in output.splitlines() if "error" in line]:
            faults.append("an interrupt is called an error")
        if "interrupted" not in output:
            faults.append("does not say that it was interrupted")
    place.restore()
    count(KIND, faults)
    assert not faults, (faults, output[-500:])


@pytest.mark.parametrize("name", ERRORS)
@pytest.mark.parametrize("command", COMMANDS, ids=str)
def test_error_of_a_command_is_its_line_and_exit_code(
    place: Place, monkeypatch: pytest.MonkeyPatch, command: Command, name: str
) -> None:
    error, code = ERRORS[name]

    def fail(*_: Any) -> int:
        raise error

    monkeypatch.setattr(function_of(command), fail)
    judged(place, command, command.line(place), code)


@pytest.mark.parametrize("name", ERRORS)
@pytest.mark.parametrize("line", [["--settings"], ["--schedule=0 3 * * *"]], ids=" ".join)
def test_error_of_what_stands_in_place_of_a_run(
    place: Place, monkeypatch: pytest.MonkeyPatch, line: list[str], name: str
) -> None:
    error, code = ERRORS[name]

    def fail(*_: Any) -> int:
        raise error

    monkeypatch.setattr("pipeline.local.screen.settings_list.print_settings", fail)
    monkeypatch.setattr("pipeline.local.scheduling.schedule.serve", fail)
    judged(place, COMMANDS[0], [f"--output-root={place.root}", *line], code)


@pytest.mark.parametrize("name", ERRORS)
def test_error_during_a_run_is_recorded(
    place: Place, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    error, code = ERRORS[name]

    def fail(*_: Any) -> int:
        raise error

    monkeypatch.setattr("pipeline.local.run.session.Session.train_and_push", fail)
    ended, output, raised = carry_out(place, "local_runner", COMMANDS[0].line(place))
    # An interrupted run is a failed one, with a record.
    faults = list(judge(ended, output, raised, (code if code < 3 else 1,)))
    record = place.root / "last_run.json"
    if not record.is_file() or '"status": "failed"' not in record.read_text():
        faults.append("not recorded")
    place.restore()
    count(KIND, faults)
    assert not faults, (faults, output[-500:])


@pytest.mark.parametrize("name", ERRORS)
def test_ending_is_one_printable_line(name: str) -> None:
    how = ending(ERRORS[name][0])
    assert how.sentence.isprintable()
    assert how.sentence
    assert how.exit_code == ERRORS[name][1]

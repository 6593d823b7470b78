"""A signal at any moment of a command, the imports at its beginning among them."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.hostile.attempts import count
from tests.hostile.command_lines import Command, commands
from tests.hostile.place import Place

pytestmark = pytest.mark.slow  # a process for each

ROOT = Path(__file__).parents[2]
# Runs a program in a process that sends itself a signal when so many modules have been imported.
PROCESS = """
import os, runpy, signal, sys
at, number, program, line = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4:]
class Finder:
    seen = first = 0
    def find_spec(self, name, path=None, target=None):
        Finder.seen += 1
        if name == "pipeline.interrupts":
            Finder.first = Finder.seen
        if Finder.seen == at:
            os.kill(os.getpid(), number)
        return None
sys.argv = [program, *line]
sys.path.insert(0, os.getcwd())
sys.meta_path.insert(0, Finder())
try:
    runpy.run_path(program, run_name="__main__")
finally:
    if not at:
        print("imported", Finder.first, Finder.seen, file=sys.stderr)
"""
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
POINTS = 8


def started(
    place: Place, command: Command, at: int, number: int
) -> subprocess.CompletedProcess[str]:
    line = command.line(place)
    return subprocess.run(
        [sys.executable, "-c", PROCESS, str(at), str(int(number)), f"{command.program}.py", *line],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


@pytest.fixture(scope="module")
def imported(place: Place) -> dict[str, tuple[int, int]]:
    """How many modules a program looks for until it answers signals, and until it has parsed."""
    found = {}
    for program in ("local_runner", "kubeflow_runner"):
        done = started(place, Command(program, "no-such-command", None), 0, 0)
        first, last = map(int, done.stderr.rpartition("imported ")[2].split())
        found[program] = first, last
    return found


@pytest.mark.parametrize("point", range(POINTS))
@pytest.mark.parametrize("number", SIGNALS, ids=lambda number: number.name)
@pytest.mark.parametrize("program", ["local_runner", "kubeflow_runner"])
def test_signal_during_the_first_imports(
    place: Place,
    imported: dict[str, tuple[int, int]],
    program: str,
    number: signal.Signals,
    point: int,
) -> None:
    # Before that is the start of Python, and what the module itself imports.
    first, last = imported[program]
    at = first + 5 + (last - first - 6) * point // (POINTS - 1)
    command = next(one for one in commands() if one.program == program and one.name in LIGHT)
    judge(started(place, command, at, number), number)


LIGHT = ("models", "status")
# Modules beyond those of the parser: the command itself imports, or works.
HEAVY = {
    ("local_runner", ""): (50, 400, 1600),
    ("local_runner", "recommend"): (50, 400, 1600),
    ("kubeflow_runner", "compile"): (50, 400, 1600, 2400),
}


@pytest.mark.parametrize(
    ("key", "at"), [(key, at) for key, points in HEAVY.items() for at in points], ids=str
)
def test_signal_during_the_imports_of_a_command(
    place: Place, imported: dict[str, tuple[int, int]], key: tuple[str, str], at: int
) -> None:
    command = next(one for one in commands() if one.key == key)
    done = started(place, command, imported[command.program][1] + at, signal.SIGINT)
    if done.returncode == 1 and "failed: interrupted" in done.stdout:  # a run, with its record
        count("signals", [])
        return
    if done.returncode == 0:
        pytest.fail(f"{at} modules were not imported: choose fewer")
    judge(done, signal.SIGINT)
    place.restore()


def judge(done: subprocess.CompletedProcess[str], number: int) -> None:
    faults = []
    if done.returncode != 128 + number:
        faults.append(f"exit code {done.returncode}")
    if "Traceback" in done.stderr + done.stdout or "Exception ignored" in done.stderr:
        faults.append("a traceback")
    # TensorFlow's own code writes lines of its own, before anybody can ask it not to.
    ours = [line for line in done.stderr.splitlines() if "external/local_" not in line]
    if ours != ["interrupted"]:
        faults.append("not one line")
    count("signals", faults)
    assert not faults, (faults, done.stderr[-1500:])

"""Signals at moments at which an exception alone would be lost, or come twice."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BEGIN = """
import signal, sys, time
from pipeline.interrupts import run_program, exit_with
from pipeline.local.process.signals import ignore_from_now_on, terminable
BOTH = (signal.SIGTERM, signal.SIGHUP)
def both():
    signal.pthread_sigmask(signal.SIG_BLOCK, BOTH)
    for number in BOTH:
        signal.raise_signal(number)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, BOTH)
def wait():  # bounded: a signal that is lost is seen by the exit code
    for _ in range(1000):
        time.sleep(0.01)
"""


def ended(tmp_path: Path, code: str, program: str = "run_program") -> tuple[int, str, str]:
    """Runs code with a function `main` as a program; returns exit code, output and errors."""
    script = tmp_path / "script.py"
    script.write_text(f"{BEGIN}\n{code}\n{program}(main)\n")
    done = subprocess.run(
        [sys.executable, str(script)],
        capture_output=True,
        text=True,
        check=False,
        env={"PYTHONPATH": f"{ROOT}:{tmp_path}"},
    )
    return done.returncode, done.stdout, done.stderr


def test_signals_that_come_together_are_one_for_a_run(tmp_path: Path) -> None:
    # As a service manager sends them that sends SIGHUP right after SIGTERM.
    code = """
def main():
    with terminable():
        try:
            both()
            wait()
        except KeyboardInterrupt:
            answer = "interrupted"
            ignore_from_now_on()
            time.sleep(1)
            print("recorded:", answer)
            return 1
"""
    assert ended(tmp_path, code) == (1, "recorded: interrupted\n", "")


def test_signals_that_come_together_are_one_for_a_command(tmp_path: Path) -> None:
    code, output, errors = ended(tmp_path, "def main():\n    both()\n    wait()\n    return 0")
    assert code in (143, 129)
    assert (output, errors) == ("", "interrupted\n")


def test_second_signal_ends_what_has_swallowed_the_first(tmp_path: Path) -> None:
    code = """
def main():
    try:
        signal.raise_signal(signal.SIGTERM)
    except BaseException:
        pass
    signal.raise_signal(signal.SIGHUP)
    wait()
    return 0
"""
    assert ended(tmp_path, code) == (129, "", "interrupted\n")


@pytest.mark.parametrize(
    "lost",
    [
        "class D:\n    def __del__(self):\n        signal.raise_signal(signal.SIGTERM)\nD()",
        "import weakref\nclass D: pass\n"
        "d = D()\nr = weakref.ref(d, lambda _: signal.raise_signal(signal.SIGTERM))\ndel d",
        "import ctypes\nctypes.CFUNCTYPE(None)(lambda: signal.raise_signal(signal.SIGTERM))()",
        "import gc\n"
        "gc.callbacks.append(lambda *_: signal.raise_signal(signal.SIGTERM))\ngc.collect()\n"
        "gc.callbacks.clear()",
    ],
    ids=["destructor", "weak reference", "callback of C", "garbage collection"],
)
def test_signal_where_python_drops_exceptions_is_not_lost(tmp_path: Path, lost: str) -> None:
    body = "\n".join(f"    {line}" for line in [*lost.splitlines(), "wait()", "return 0"])
    assert ended(tmp_path, f"def main():\n{body}") == (143, "", "interrupted\n")


def test_other_exceptions_that_python_drops_are_told_as_ever(tmp_path: Path) -> None:
    code = """
class D:
    def __del__(self):
        raise ValueError("told")
def main():
    D()
    return 0
"""
    number, _, errors = ended(tmp_path, code)
    assert number == 0
    assert "ValueError: told" in errors


@pytest.mark.parametrize("moment", ["sys.stdout.flush", "signal.signal"])
def test_signal_between_the_answer_and_the_exit_is_one_line(tmp_path: Path, moment: str) -> None:
    code = f"""
def main():
    original = {moment}
    def late(*arguments):
        {moment} = original
        signal.raise_signal(signal.SIGTERM)
        return original(*arguments)
    {moment} = late
    return 0
"""
    assert ended(tmp_path, code) == (143, "", "interrupted\n")


def test_signal_in_an_import_does_not_disturb_the_record_of_a_run_that_ended(
    tmp_path: Path,
) -> None:
    (tmp_path / "signals_itself.py").write_text(
        "import signal\nsignal.raise_signal(signal.SIGTERM)\n"
    )
    code = """
def main():
    with terminable():
        import signals_itself  # looked at again after a moment
        ignore_from_now_on()
        time.sleep(1)
    return 3
"""
    assert ended(tmp_path, code) == (3, "", "")


def test_result_stands_whatever_signal_follows_the_run(tmp_path: Path) -> None:
    code = """
def main():
    with terminable():
        ignore_from_now_on()
    for number in (signal.SIGINT, *BOTH):
        signal.raise_signal(number)
    return 3
"""
    assert ended(tmp_path, code) == (3, "", "")


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_result_stands_while_python_takes_itself_down(tmp_path: Path, name: str) -> None:
    # The last handlers are gone then: the signal would end the process by itself.
    code = f"""
class Last:
    def __del__(self, send=signal.raise_signal, number=signal.{name}):
        send(number)
last = Last()
def main():
    return 3
"""
    assert ended(tmp_path, code) == (3, "", "")


def test_signal_of_a_handler_at_exit_leaves_the_result(tmp_path: Path) -> None:
    code = """
import atexit
def main():
    atexit.register(signal.raise_signal, signal.SIGTERM)
    return 3
"""
    assert ended(tmp_path, code) == (3, "", "")


def test_programs_that_are_started_at_exit_heed_signals(tmp_path: Path) -> None:
    code = """
import atexit, subprocess
ASK = "import signal; print(signal.getsignal(signal.SIGTERM) is signal.SIG_DFL)"
def main():
    atexit.register(subprocess.run, [sys.executable, "-c", ASK])
    return 3
"""
    assert ended(tmp_path, code) == (3, "True\n", "")


@pytest.mark.parametrize("program", ["run_program", "exit_with"])
@pytest.mark.parametrize(("library", "shown"), [("tensorflow", ""), ("other", "taken apart\n")])
def test_tensorflow_is_not_taken_apart_at_the_end(
    tmp_path: Path, library: str, shown: str, program: str
) -> None:
    (tmp_path / f"{library}.py").write_text(
        "import os\n"
        "class Part:\n"
        "    def __del__(self, write=os.write):\n"
        "        write(1, b'taken apart\\n')\n"
        "part = Part()\n"
    )
    code = f"""
import atexit
def main():
    import {library}
    atexit.register(print, "at exit")
    print("answer")
    return 3
"""
    assert ended(tmp_path, code, program) == (3, f"answer\nat exit\n{shown}", "")

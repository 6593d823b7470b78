"""The fresh process: what it may see, and what becomes of one that crashes or hangs."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from components.serving_check import process
from components.serving_check.process import PROBE, describe_end, run_probe
from tests.components.serving_check.tiny_index import request


def script(folder: Path, code: str) -> Path:
    path = folder / "probe.py"
    path.write_text(code)
    return path


def test_run_probe_crash_is_a_failed_check_with_its_last_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = (
        "import os, signal, sys\n"
        "print('loading', 'out of memory', sep='\\n', file=sys.stderr, flush=True)\n"
        "os.kill(os.getpid(), signal.SIGSEGV)\n"
    )
    monkeypatch.setattr(process, "PROBE", script(tmp_path, code))
    verdict = run_probe("model", {}, timeout=30)
    assert not verdict.passed
    assert verdict.checks[0].detail == "killed by SIGSEGV; its last output: out of memory"


def test_run_probe_that_never_answers_is_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started = tmp_path / "pid"
    code = (
        "import os, pathlib, time\n"
        f"pathlib.Path({str(started)!r}).write_text(str(os.getpid()))\n"
        "time.sleep(600)\n"
    )
    monkeypatch.setattr(process, "PROBE", script(tmp_path, code))
    verdict = run_probe("model", {}, timeout=2)
    assert not verdict.passed
    assert verdict.checks[0].detail == "no answer within 2 s"
    with pytest.raises(ProcessLookupError):
        os.kill(int(started.read_text()), 0)


def test_run_probe_sees_no_code_of_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Neither PYTHONPATH nor the working folder leads the process to a package.
    package = tmp_path / "ours_alone"
    package.mkdir()
    (package / "__init__.py").write_text("")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    code = (
        "import importlib.util, json, sys\n"
        "found = importlib.util.find_spec('ours_alone') is not None\n"
        "check = {'name': 'alone', 'passed': not found, 'detail': ''}\n"
        "answer = json.loads(sys.stdin.readline())['answer']\n"
        "json.dump({'checks': [check], 'latency_ms': None}, open(answer, 'w'))\n"
    )
    monkeypatch.setattr(process, "PROBE", script(tmp_path, code))
    assert run_probe("model", {}, timeout=30).passed


# Answers with its number, and with the model that it was started for.
ANSWER = (
    "import json, os, sys\n"
    "answer = json.loads(sys.stdin.readline())['answer']\n"
    "check = {'name': str(os.getpid()), 'passed': True, 'detail': sys.argv[1]}\n"
    "json.dump({'checks': [check], 'latency_ms': None}, open(answer, 'w'))\n"
)


@pytest.fixture
def ahead(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[process.ProbeProcess]:
    """A process that was started before anyone asked about the model."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(process, "PROBE", script(tmp_path, ANSWER))
    process.start_ahead(str(tmp_path / "model"))
    yield process._AHEAD[0]
    process.stop_ahead()


@pytest.mark.parametrize("relative", [False, True])
def test_process_that_was_started_ahead_makes_the_next_check_of_its_model_and_no_other(
    ahead: process.ProbeProcess, tmp_path: Path, relative: bool
) -> None:
    number = str(ahead._process.pid)
    model = "model" if relative else str(tmp_path / "model")
    verdicts = [run_probe(model, {}, timeout=30) for _ in range(2)]
    assert verdicts[0].checks[0].name == number
    assert verdicts[1].passed
    assert verdicts[1].checks[0].name != number
    assert [verdict.checks[0].detail for verdict in verdicts] == [str(tmp_path / "model")] * 2


def test_process_that_was_started_ahead_for_another_model_is_ended(
    ahead: process.ProbeProcess, tmp_path: Path
) -> None:
    number = str(ahead._process.pid)
    verdict = run_probe(str(tmp_path / "other"), {}, timeout=30)
    assert verdict.checks[0].name != number
    assert verdict.checks[0].detail == str(tmp_path / "other")
    assert not ahead.waits
    assert not Path(ahead._folder.name).exists()


def test_process_that_died_while_it_waited_says_nothing_of_the_model(
    ahead: process.ProbeProcess,
) -> None:
    ahead._process.kill()
    ahead._process.wait()
    verdict = run_probe(ahead.model, {}, timeout=30)
    assert verdict.passed
    assert verdict.checks[0].name != str(ahead._process.pid)


def test_time_limit_counts_from_the_request(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Over an hour, in the clock of the process that asks, goes by before it asks.
    monkeypatch.setattr(process, "PROBE", script(tmp_path, ANSWER))
    process.start_ahead("model")
    clock = time.monotonic
    monkeypatch.setattr(time, "monotonic", lambda: clock() + 4000)
    verdict = run_probe("model", {}, timeout=30)
    assert verdict.passed
    assert verdict.seconds < 4000


def test_process_that_no_check_uses_is_stopped(ahead: process.ProbeProcess) -> None:
    folder = Path(ahead._folder.name)
    assert folder.is_dir()
    process.stop_ahead()
    assert not ahead.waits
    assert not folder.exists()


def test_probe_ends_by_itself_when_nobody_is_left_to_ask_it(tmp_path: Path) -> None:
    command = [sys.executable, "-I", str(PROBE), str(tmp_path / "no model")]
    ended = subprocess.run(command, stdin=subprocess.DEVNULL, timeout=60)
    assert ended.returncode == 0


def test_model_that_does_not_load_ahead_fails_as_one_that_does_not_load(tmp_path: Path) -> None:
    (tmp_path / "saved_model.pb").write_bytes(b"no graph")
    asked = run_probe(str(tmp_path), request(), timeout=120)
    process.start_ahead(str(tmp_path))
    (ahead,) = process._AHEAD
    verdict = run_probe(str(tmp_path), request(), timeout=120)
    assert ahead._process.returncode == 0  # it is the one that was asked
    assert [check.name for check in verdict.checks] == ["load"]
    assert not verdict.passed
    assert verdict.checks == asked.checks


def test_probe_imports_tensorflow_numpy_and_the_standard_library_alone() -> None:
    lines = PROBE.read_text(encoding="utf-8").splitlines()
    imported = {line.split()[1].partition(".")[0] for line in lines if is_import(line)}
    assert imported - sys.stdlib_module_names == {"numpy", "tensorflow"}


def is_import(line: str) -> bool:
    return line.startswith(("import ", "from "))


def test_describe_end_without_words() -> None:
    assert describe_end(3, b"\n  \n") == "ended with exit code 3"

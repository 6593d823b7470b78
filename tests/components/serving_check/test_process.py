"""The fresh process: what it may see, and what becomes of one that crashes or hangs."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from components.serving_check.process import PROBE, describe_end, run_probe


def script(folder: Path, code: str) -> Path:
    path = folder / "probe.py"
    path.write_text(code)
    return path


def test_run_probe_crash_is_a_failed_check_with_its_last_words(tmp_path: Path) -> None:
    code = (
        "import os, signal, sys\n"
        "print('loading', 'out of memory', sep='\\n', file=sys.stderr, flush=True)\n"
        "os.kill(os.getpid(), signal.SIGSEGV)\n"
    )
    verdict = run_probe("model", {}, timeout=30, probe=script(tmp_path, code))
    assert not verdict.passed
    assert verdict.checks[0].detail == "killed by SIGSEGV; its last output: out of memory"


def test_run_probe_that_never_answers_is_killed(tmp_path: Path) -> None:
    started = tmp_path / "pid"
    code = (
        "import os, pathlib, time\n"
        f"pathlib.Path({str(started)!r}).write_text(str(os.getpid()))\n"
        "time.sleep(600)\n"
    )
    verdict = run_probe("model", {}, timeout=2, probe=script(tmp_path, code))
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
        "json.dump({'checks': [check], 'latency_ms': None}, open(sys.argv[3], 'w'))\n"
    )
    assert run_probe("model", {}, timeout=30, probe=script(tmp_path, code)).passed


def test_probe_imports_tensorflow_numpy_and_the_standard_library_alone() -> None:
    lines = PROBE.read_text(encoding="utf-8").splitlines()
    imported = {line.split()[1].partition(".")[0] for line in lines if is_import(line)}
    standard = {"__future__", "json", "statistics", "sys", "time", "collections", "typing"}
    assert imported - standard == {"numpy", "tensorflow"}


def is_import(line: str) -> bool:
    return line.startswith(("import ", "from "))


def test_describe_end_without_words() -> None:
    assert describe_end(3, b"\n  \n") == "ended with exit code 3"

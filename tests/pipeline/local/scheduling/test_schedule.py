"""The scheduler around processes: stubs that stand for the runner."""

from __future__ import annotations

import signal
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import pytest

import local_runner
from pipeline.local.scheduling import schedule
from pipeline.local.scheduling.schedule import Runs, run_command
from pipeline.local.workspace.workspace import Workspace


def _runs(code: str, stop: threading.Event | None = None) -> Runs:
    command = [sys.executable, "-c", textwrap.dedent(code)]
    return Runs(command, stop or threading.Event(), lambda _: None)


def test_run_returns_the_exit_code() -> None:
    assert _runs("raise SystemExit(3)").run() == 3


def test_run_tells_of_a_run_that_was_killed() -> None:
    assert _runs("import os; os.kill(os.getpid(), 9)").run() == -signal.SIGKILL


STUBBORN = """
    import pathlib, signal, sys, time
    signal.signal(signal.SIGTERM, lambda *_: {action})
    pathlib.Path({ready!r}).touch()
    time.sleep(60)
"""


def _when_ready(ready: Path, then: list[object]) -> None:
    while not ready.exists():
        time.sleep(0.02)
    for act in then:
        act()  # type: ignore[operator]


def test_run_is_told_to_end_and_ends_by_itself(tmp_path: Path) -> None:
    stop, ready = threading.Event(), tmp_path / "ready"
    threading.Thread(target=_when_ready, args=(ready, [stop.set])).start()
    assert _runs(STUBBORN.format(action="sys.exit(5)", ready=str(ready)), stop).run() == 5


def test_run_that_does_not_end_is_killed_after_the_grace(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schedule, "GRACE_SECONDS", 0.3)
    stop, ready = threading.Event(), tmp_path / "ready"
    threading.Thread(target=_when_ready, args=(ready, [stop.set])).start()
    runs = _runs(STUBBORN.format(action="None", ready=str(ready)), stop)
    assert runs.run() == -signal.SIGKILL


def test_second_signal_does_not_wait_for_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The run would end by itself, with another exit code, long before the grace is over.
    monkeypatch.setattr(schedule, "GRACE_SECONDS", 3600.0)
    ready = tmp_path / "ready"
    runs = _runs(STUBBORN.format(action="None", ready=str(ready)))
    threading.Thread(target=_when_ready, args=(ready, [runs.on_signal, runs.on_signal])).start()
    assert runs.run() == -signal.SIGKILL


def test_run_command_is_the_same_line_without_the_schedule() -> None:
    line = ["--schedule", "0 3 * * *", "--data-root", "x", "--set", "trainer.epochs=1"]
    command = run_command(line)
    parsed = local_runner.build_parser().parse_args(command[2:])
    assert parsed.schedule == ""
    assert (parsed.data_root, parsed.assignments) == (Path("x"), ["trainer.epochs=1"])


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (["--schedule", "daily"], "no cron expression"),
        (["--schedule", "@daily", "--set", "trainer.epoch=1"], "did you mean trainer.epochs?"),
        (["--schedule", "@daily", "--infer-schema", "x"], "leave --infer-schema out"),
        (["--schedule", "@daily", "--pipeline-name", "a b"], "--pipeline-name"),
    ],
)
def test_what_is_wrong_is_told_before_the_first_run(
    line: list[str], told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert local_runner.main([*line, "--output-root", str(tmp_path)]) == 2
    assert told in capsys.readouterr().err


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_signal_ends_the_schedule(tmp_path: Path, number: signal.Signals) -> None:
    line = [sys.executable, local_runner.__file__, "--output-root", str(tmp_path)]
    with subprocess.Popen(
        [*line, "--schedule", "0 0 29 2 *"], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        for said in process.stdout:
            if said.startswith("schedule: next run at"):
                break
        process.send_signal(number)
        assert "schedule: stopped" in process.stdout.read()
        assert process.wait(20) == 0


def test_why_not_looks_at_the_settings_with_the_best_of_the_search(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []
    monkeypatch.setattr(
        schedule,
        "use_best",
        lambda config, _: config.model_copy(
            update={"tuner": config.tuner.model_copy(update={"best_from": "found"})}
        ),
    )
    monkeypatch.setattr(
        schedule, "nothing_new", lambda _, config, __: seen.append(config.tuner.best_from) or "no"
    )
    workspace = Workspace(tmp_path, "p")
    line = ["--output-root", str(tmp_path), "--data-root", str(tmp_path)]
    for options in ([], ["--use-best"]):
        arguments = local_runner.build_parser().parse_args([*line, *options])
        assert schedule.why_not(arguments, workspace) == "no"
    assert seen == ["", "found"]

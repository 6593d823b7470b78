"""`--schedule`: starts a run at each time, as a process of its own."""

from __future__ import annotations

import argparse
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from components.errors import ConfigError, UserError
from pipeline.config.beam_options import check_beam
from pipeline.interrupts import handle
from pipeline.local.run.data_root import find_data_root
from pipeline.local.run.settings import read_settings
from pipeline.local.run.use_best import use_best
from pipeline.local.scheduling.clock import Clock
from pipeline.local.scheduling.nothing_new import nothing_new
from pipeline.local.scheduling.scheduler import Scheduler, check_cron
from pipeline.local.workspace.workspace import Workspace
from pipeline.terminal import Screen, print_line

# A run that is told to stop has so many seconds before it is killed.
GRACE_SECONDS = 60.0
_POLL_SECONDS = 0.2


def serve(arguments: argparse.Namespace, line: Sequence[str], clock: Clock | None = None) -> int:
    """Runs at the times of --schedule until SIGTERM, SIGHUP or SIGINT; returns the exit code.

    A signal stops the run under way as well, which leaves what is live as it is; its finished
    components are in the cache of the next run. A second signal does not wait for it.

    Args:
        arguments: Parsed command line.
        line: The command line as it was given, without the program.
        clock: Another clock, for tests.

    Raises:
        UserError: No run could begin with these arguments.
    """
    cron = check_cron(arguments.schedule)
    if arguments.infer_schema:
        raise ConfigError("--schedule: a schema is inferred once; leave --infer-schema out")
    check_beam(read_settings(arguments).beam)
    workspace = Workspace(arguments.output_root, arguments.pipeline_name)
    workspace.create()
    stop = threading.Event()
    runs = Runs(run_command(line), stop, _say)
    scheduler = Scheduler(
        cron=cron,
        clock=clock or Clock(),
        why_not=lambda: why_not(arguments, workspace),
        launch=runs.run,
        say=_say,
        stop=stop,
    )
    before = handle(runs.on_signal)
    try:
        scheduler.loop()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    return 0


def _say(text: str) -> None:
    print_line(Screen(), f"schedule: {text}")
    sys.stdout.flush()


def run_command(line: Sequence[str]) -> list[str]:
    """Returns the command of one run: the same line without the schedule."""
    runner = str(Path(sys.argv[0]).absolute())
    return [sys.executable, runner, *line, "--schedule="]


def why_not(arguments: argparse.Namespace, workspace: Workspace) -> str:
    """Returns why a run would do nothing; "" where it may do something, or fail with a reason."""
    if arguments.no_cache:
        return ""
    try:
        config = read_settings(arguments)  # again each time: the file may have changed
        if arguments.use_best:
            config = use_best(config, workspace)
        root = find_data_root(arguments, workspace.sample)
        return nothing_new(workspace, config, root) if root is not None else ""
    except UserError:
        return ""


class Runs:
    """Starts runs, one after another, and stops the one under way on a signal."""

    def __init__(
        self, command: Sequence[str], stop: threading.Event, say: Callable[[str], None]
    ) -> None:
        """Takes the command of one run, and `stop`, which is set when everything is to end."""
        self._command, self._stop, self._say = list(command), stop, say
        self._impatient = False

    def on_signal(self, *_: Any) -> None:
        """Handles SIGTERM, SIGHUP and SIGINT."""
        self._impatient = self._stop.is_set()
        self._stop.set()

    def run(self) -> int:
        """Runs once; returns the exit code, negative for the signal that ended it."""
        # A session of its own: Ctrl-C reaches this process only, which then stops the run.
        with subprocess.Popen(self._command, start_new_session=True) as process:
            while not self._stop.is_set():
                try:
                    return process.wait(_POLL_SECONDS)
                except subprocess.TimeoutExpired:
                    continue
            return self._end(process)

    def _end(self, process: subprocess.Popen[bytes]) -> int:
        self._say("stopping the run under way …")
        process.terminate()
        waited = 0.0
        while waited < GRACE_SECONDS and not self._impatient:
            try:
                return process.wait(_POLL_SECONDS)
            except subprocess.TimeoutExpired:
                waited += _POLL_SECONDS
        process.kill()
        return process.wait()

"""Runs to which something happens. Nothing in the runner knows of it: no hook, no variable."""

from __future__ import annotations

import resource
import signal
import subprocess
import sys
from pathlib import Path

from components.served_versions.versions import all_versions, is_complete
from pipeline.local.workspace.database import check_database
from pipeline.local.workspace.metadata import Store
from pipeline.local.workspace.workspace import Workspace
from tests.e2e.conftest import FAST, PROJECT, Done, command, environment, read_record

# No gate can refuse: here it is about whether a run ends well, not how good its model is.
SETTINGS = (
    *FAST,
    "gate.min_top_100_accuracy=0",
    "gate.min_popularity_ratio=0",
    "gate.max_drop=1",
)


def run_until(root: Path, data: Path, shown: str, number: signal.Signals = signal.SIGKILL) -> Done:
    """Starts a run and sends it a signal as soon as a line that begins so is on its screen."""
    line = command(root, "--data-root", str(data), settings=SETTINGS)
    with subprocess.Popen(
        line, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment()
    ) as process:
        assert process.stdout is not None
        seen = []
        for text in process.stdout:
            seen.append(text)
            if text.strip().startswith(shown):
                break
        else:
            raise AssertionError(f"the run ended before {shown!r} was shown: {''.join(seen)}")
        process.send_signal(number)
        seen.append(process.stdout.read())
    return Done(process.returncode, "".join(seen), read_record(root), root)


def run_with(root: Path, data: Path, before: str, *options: str, file_bytes: int = 0) -> Done:
    """Runs to the end in a process that first executes `before`, which may put a fault in place.

    Args:
        root: Output root.
        data: Data root.
        before: Python statements.
        options: Further options of the runner.
        file_bytes: No file can grow beyond it; 0 for no limit.
    """
    code = f"{before}\nimport sys, local_runner\nsys.exit(local_runner.main(sys.argv[1:]))"
    line = command(root, "--data-root", str(data), *options, settings=SETTINGS)

    def limit() -> None:
        if file_bytes:
            resource.setrlimit(resource.RLIMIT_FSIZE, (file_bytes, file_bytes))

    done = subprocess.run(
        [sys.executable, "-c", code, *line[2:]],
        capture_output=True,
        text=True,
        env=environment(),
        cwd=PROJECT,
        preexec_fn=limit,
        check=False,
    )
    return Done(done.returncode, done.stdout + done.stderr, read_record(root), root)


def assert_sound(root: Path) -> None:
    """Asserts what holds after any fault: no half version in sight, metadata readable."""
    workspace = Workspace(root, "movielens")
    for _, path in all_versions(workspace.serving):
        assert is_complete(path), path
    check_database(workspace.metadata)
    if workspace.metadata.exists() and workspace.metadata.stat().st_size:
        Store(workspace.metadata).runs()

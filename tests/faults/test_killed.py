"""SIGKILL in every component in turn, and during the push; then the run is started again."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from pipeline.local.workspace import history
from pipeline.local.workspace.workspace import Workspace
from tests.e2e.conftest import run
from tests.faults.faulty import SETTINGS, assert_sound, run_until, run_with

pytestmark = [pytest.mark.faults, pytest.mark.slow]

# A component is shown when it has ended: the next one is under way.
SHOWN = (
    "Logs:",
    "ExampleGen",
    "LiveModel",
    "SchemaGen",
    "StatisticsGen",
    "ExampleValidator",
    "Transform",
    "Drift",
    "Trainer",
    "Evaluator",
    "ServingCheck",
)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("killed") / "runs"


@pytest.mark.parametrize("shown", SHOWN)
def test_kill_in_the_component_after(root: Path, ratings: Path, shown: str) -> None:
    assert run_until(root, ratings, shown).code == -signal.SIGKILL
    assert_sound(root)
    assert not (root / "serving_model").exists() or not any((root / "serving_model").glob("*/1*"))
    assert not (root / "last_run.json").exists()


def test_told_to_stop_says_so(root: Path, ratings: Path) -> None:
    # Everything but ServingCheck is in the cache, and it takes some seconds.
    done = run_until(root, ratings, "Evaluator", signal.SIGTERM)
    assert done.code == 1, done.screen
    assert (done.record["status"], done.record["reason"]) == ("failed", "interrupted")
    assert "Traceback" not in done.screen
    assert done.versions() == []
    assert_sound(root)


def test_next_run_completes_with_what_was_finished(root: Path, ratings: Path) -> None:
    done = run(root, "--data-root", str(ratings), settings=SETTINGS)
    assert (done.code, done.record["status"]) == (0, "pushed"), done.screen
    cached = done.cached()
    assert [node for node in SHOWN[1:-1] if not cached[node]] == []
    assert len(done.versions()) == 1
    assert_sound(root)


KILL = "import os, components.served_versions.publish as p\n"
BEFORE_RENAME = KILL + "p._sync = lambda *_: os.kill(os.getpid(), 9)"
AFTER_RENAME = KILL + (
    "rename = p._rename\np._rename = lambda *a: (rename(*a), os.kill(os.getpid(), 9))"
)


def test_kill_during_the_push(tmp_path: Path, ratings: Path) -> None:
    root = tmp_path / "runs"
    killed = run_with(root, ratings, BEFORE_RENAME)
    assert killed.code == -9
    assert [name for name in killed.versions() if not name.startswith(".")] == []
    assert_sound(root)
    # Everything is copied and only the record is missing: the version is whole, so it is live.
    killed = run_with(root, ratings, AFTER_RENAME)
    assert killed.code == -9
    (version,) = [name for name in killed.versions() if not name.startswith(".")]
    assert_sound(root)
    done = run(root, "--data-root", str(ratings), settings=SETTINGS)
    assert (done.code, done.record["status"]) == (0, "pushed"), done.screen
    assert done.record["pushed"]["version"] == version
    # It says so, and is measured as the killed run was: against nothing, not against itself.
    assert f"pushed version {version} and ended before it was recorded" in done.screen
    assert done.record["baseline_version"] == ""
    entries = history.read_entries(Workspace(root, "movielens").history)
    assert [entry["pushed"]["version"] for entry in entries] == [version, version]
    # What the killed run noted before its push is what the whole one measured.
    assert entries[0]["metrics"] == entries[1]["metrics"]
    assert entries[0]["metrics"]["model"]
    assert entries[0]["gate"] == entries[1]["gate"]


FAIL_AFTER_PUSH = (
    "import pipeline.local.run.execution as e\n"
    "def fail(*_): raise RuntimeError('after the push')\n"
    "e.read_push = fail"
)
NOT_A_NUMBER = (
    "import pipeline.local.run.execution as e\n"
    "read = e.read_figures\n"
    "def damaged(results, config, record):\n"
    "    reasons = read(results, config, record)\n"
    "    record.metrics['model']['top_100_accuracy'] = float('nan')\n"
    "    return reasons\n"
    "e.read_figures = damaged"
)
NO_HISTORY = (
    "import pipeline.local.workspace.history as h\n"
    "def full(*_): raise OSError(28, 'No space left on device')\n"
    "h.append_entry = full"
)


def test_fault_around_the_push_leaves_nothing_unrecorded(tmp_path: Path, ratings: Path) -> None:
    root = tmp_path / "runs"
    workspace = Workspace(root, "movielens")
    # What cannot be recorded is not pushed.
    done = run_with(root, ratings, NOT_A_NUMBER)
    assert done.code == 1, done.screen
    assert [name for name in done.versions() if not name.startswith(".")] == []
    # What fails after the push is failed, and the push is recorded at once.
    done = run_with(root, ratings, FAIL_AFTER_PUSH)
    (version,) = done.versions()
    assert (done.code, done.record["status"]) == (1, "failed"), done.screen
    assert f"version {version} was pushed before, and is live" in done.record["reason"]
    (entry,) = history.read_entries(workspace.history)
    assert (entry["status"], entry["pushed"]["version"]) == ("pushed", version)
    assert list(workspace.intents.iterdir()) == []
    # A record that cannot be written is made up for by the next run, whatever that one does.
    done = run_with(root, ratings, NO_HISTORY, "--set", "trainer.epochs=11")
    versions = done.versions()
    assert (done.code, len(versions)) == (1, 2), done.screen
    assert f"version {versions[-1]} is live, and the next run records it" in done.screen
    done = run(root, "--data-root", str(ratings), "--set", "trainer.epochs=10", settings=SETTINGS)
    assert f"pushed version {versions[-1]} and ended before it was recorded" in done.screen
    recorded = [e["pushed"]["version"] for e in history.read_entries(workspace.history)]
    assert recorded == done.versions()
    assert_sound(root)

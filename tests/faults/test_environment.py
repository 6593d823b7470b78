"""What the machine may do to a run: its clock, its limits, its users, its file systems.

Each answer is documented in docs/operations.md. The runs begin with a state that lacks the push
only (see conftest.py), or train a model of a new seed.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from components.served_versions.versions import all_versions, is_complete
from pipeline.local.workspace import history
from tests.e2e.conftest import environment
from tests.faults.faulty import assert_sound
from tests.faults.world import RUNNER, Ended, World

pytestmark = [pytest.mark.faults, pytest.mark.slow]

NOBODY = 65534
AS_NOBODY = f"import os\nos.setgroups([])\nos.setgid({NOBODY})\nos.setuid({NOBODY})"
NEEDS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")


def _told(ended: Ended, code: int, *told: str) -> None:
    """Asserts exit code and text, and that there is no traceback."""
    assert ended.code == code, ended.screen
    assert "Traceback" not in ended.screen, ended.screen
    for text in told:
        assert text in ended.screen, ended.screen


def _record(world: World) -> dict[str, Any]:
    return json.loads(world.workspace.last_run.read_text())


@contextlib.contextmanager
def _file_system(position: Path, size: str) -> Iterator[None]:
    """Mounts an empty file system of a size."""
    position.mkdir(exist_ok=True)
    options = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(position)]
    if os.geteuid() != 0 or subprocess.run(options, capture_output=True, check=False).returncode:
        pytest.skip("a file system of its own needs root")
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(position)], check=True)


def _fill(folder: Path, leave: int) -> Path:
    """Fills a file system but for so many bytes; returns the file that does."""
    free = os.statvfs(folder)
    filler = folder / "filler"
    with filler.open("wb") as file:
        file.write(bytes(max(free.f_bavail * free.f_frsize - leave, 0)))
    return filler


# The clock.


def _in_the_past(world: World, *line: str) -> Ended:
    """Starts the runner where it is two years earlier."""
    libraries = sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
    if not libraries:
        pytest.skip("libfaketime is not there: apt-get install faketime")
    variables = {
        "LD_PRELOAD": str(libraries[0]),
        "FAKETIME": "-2y",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }
    done = subprocess.run(
        [sys.executable, RUNNER, *line],
        capture_output=True,
        text=True,
        env={**environment(), **variables},
        check=False,
    )
    return Ended(done.returncode, done.stdout + done.stderr, {})


def test_clock_set_back_versions_and_history_go_on(world: World) -> None:
    before = world.state()
    _told(_in_the_past(world, *world.run_line(world.seed)), 0, "all gates passed")
    pushed = world.state()
    assert int(pushed.live) == int(before.live) + 1
    back = [*world.root_line(), "rollback", before.live, "--reason", "past"]
    _told(_in_the_past(world, *back), 0)
    rolled_back = world.state()
    assert int(rolled_back.live) == int(pushed.live) + 1
    # Nothing is older than a day to a clock that is two years behind.
    clean = [*world.root_line(), "clean", "--older-than", "1d", "--dry-run"]
    _told(_in_the_past(world, *clean), 0, "0 folders")
    entries = history.read_entries(world.workspace.history)
    assert [e["pushed"]["version"] for e in entries[-2:]] == [pushed.live, rolled_back.live]
    # The clock is right again: the present is above all versions once more.
    listed = world.execute([*world.root_line(), "models", "--json"])
    _told(listed, 0)
    assert [v["version"] for v in json.loads(listed.screen) if v["live"]] == [rolled_back.live]
    forward = [*world.root_line(), "rollback", pushed.live, "--reason", "present"]
    _told(world.execute(forward), 0)
    assert int(world.state().live) > int(rolled_back.live)
    _told(world.execute(world.run_line(world.seed)), 0)
    assert _record(world)["status"] == "nothing_new"


# Limits.


def test_temporary_directory_that_is_full(world: World, tmp_path: Path) -> None:
    before, full = world.state(), str(tmp_path / "tmp")
    with _file_system(tmp_path / "tmp", "1m"):
        _fill(tmp_path / "tmp", leave=0)
        line = world.run_line(world.seed)
        # Python looks for another place, unless there is none.
        only = f"import tempfile\ntempfile._candidate_tempdir_list = lambda: [{full!r}]"
        ended = world.execute(line, before=only, TMPDIR=full)
        _told(ended, 1, "No usable temporary directory found", full)
        assert world.state() == before
        assert_sound(world.root)
        _told(world.execute(line, TMPDIR=full), 0, "all gates passed")


def test_few_open_files(world: World) -> None:
    before = world.state()
    line = world.run_line(world.new_seed())
    limit = "import resource\nresource.setrlimit(resource.RLIMIT_NOFILE, ({0}, {0}))"
    # Standard streams, lock, log and terminal leave one or two: too few for anything.
    _told(world.execute(line, before=limit.format(9)), 1, "Too many open files")
    assert world.state() == before
    assert_sound(world.root)
    # A run in one process needs about twenty.
    _told(world.execute(line, before=limit.format(64)), 0, "all gates passed")
    rollback = [*world.root_line(), "rollback", "--reason", "few files"]
    _told(world.execute(rollback, before=limit.format(64)), 0)


def test_little_address_space(world: World) -> None:
    before = world.state()
    # What the process has, with TensorFlow imported, and two GiB more, as `ulimit -v` would say.
    limit = """import resource
with open("/proc/self/statm") as file:
    size = int(file.read().split()[0]) * resource.getpagesize() + (2 << 30)
resource.setrlimit(resource.RLIMIT_AS, (size, size))"""
    line = world.run_line(world.new_seed())
    # One table of a million columns takes more than that.
    wide = [*line, "--set", "trainer.embedding_dim=1000000"]
    ended = world.execute(wide, before=limit)
    _told(ended, 2, "GiB of memory", "GiB are free", "lower trainer.embedding_dim")
    assert world.state() == before
    assert_sound(world.root)
    _told(world.execute(line, before=limit), 0, "all gates passed")


# Users.


def test_umask_is_honoured(world: World) -> None:
    line = world.run_line(world.new_seed())
    before = {path: path.stat().st_mtime_ns for path in world.root.rglob("*")}
    _told(world.execute(line, before="import os\nos.umask(0o077)"), 0, "all gates passed")
    new = [p for p in world.root.rglob("*") if not p.is_dir() and p not in before]
    renamed = [world.workspace.last_run, world.workspace.report, world.workspace.log]
    assert {"saved_model.pb", "variables.index"} <= {path.name for path in new}
    open_ = [path for path in (*new, *renamed) if stat.S_IMODE(path.stat().st_mode) & 0o077]
    assert open_ == []
    live = world.workspace.serving / world.state().live
    assert stat.S_IMODE(live.stat().st_mode) & 0o077 == 0


@NEEDS_ROOT
def test_second_user_reads_what_the_first_wrote(world: World, tmp_path: Path) -> None:
    before = world.state()
    output = world.folder / "recommendations"
    output.mkdir(exist_ok=True)
    os.chown(output, NOBODY, NOBODY)

    def execute(*line: str) -> Ended:
        return world.execute([*world.root_line(), *line], before=AS_NOBODY)

    listed = execute("models", "--json")
    _told(listed, 0)
    assert [v["version"] for v in json.loads(listed.screen) if v["live"]] == [before.live]
    parquet = output / "all.parquet"
    _told(execute("recommend", "--users", "all", "--output", str(parquet), "--k", "3"), 0)
    # Twelve users, three movies each.
    assert pq.read_table(parquet).num_rows == 12 * 3
    # What would write says what may not be written, and changes nothing.
    _told(execute("rollback", "--reason", "not mine"), 1, "ermission denied")
    _told(execute("clean", "--keep-versions", "1"), 2, "cannot write", "ermission denied")
    _told(world.execute(world.run_line(world.seed), before=AS_NOBODY), 2, "cannot write")
    assert world.state() == before
    # With a umask of 077 nobody else reads anything, and is told so.
    world.root.chmod(0o700)
    _told(execute("models"), 2, "ermission denied")


# File systems.


@NEEDS_ROOT
def test_output_root_on_a_read_only_file_system(world: World, tmp_path: Path) -> None:
    with _file_system(world.root, "200m"):
        shutil.copytree(world.folder / "saved", world.root, symlinks=True, dirs_exist_ok=True)
        before = world.state()
        subprocess.run(["mount", "-o", "remount,ro", str(world.root)], check=True)
        listed = world.execute([*world.root_line(), "models", "--json"])
        _told(listed, 0)
        assert [v["version"] for v in json.loads(listed.screen) if v["live"]] == [before.live]
        output = tmp_path / "all.parquet"
        recommend = ["recommend", "--users", "all", "--output", str(output), "--k", "3"]
        _told(world.execute([*world.root_line(), *recommend]), 0)
        assert pq.read_table(output).num_rows == 12 * 3
        _told(world.execute(world.run_line(world.seed)), 2, "cannot write")
        schedule = world.run_line(world.seed, "--schedule", "* * * * *")
        _told(world.execute(schedule), 2, "cannot write")
        for line in (["rollback", "--reason", "x"], ["clean", "--keep-versions", "1"]):
            _told(world.execute([*world.root_line(), *line]), 1, "ead-only file system")
        assert world.state() == before


@NEEDS_ROOT
def test_output_root_on_a_nearly_full_file_system(world: World) -> None:
    with _file_system(world.root, "60m"):
        shutil.copytree(world.folder / "saved", world.root, symlinks=True, dirs_exist_ok=True)
        before = world.state()
        size = sum(p.stat().st_size for p in (world.workspace.serving / before.live).rglob("*"))
        # Enough for metadata and log, not for another version.
        filler = _fill(world.root, leave=size // 2)
        run = world.run_line(world.seed)
        rollback = [*world.root_line(), "rollback", "--reason", "nearly full"]
        for line in (run, rollback):
            _told(world.execute(line), 1, "No space left on device")
            assert world.state() == before
            left = [p.name for p in world.workspace.serving.iterdir() if not p.name.isdigit()]
            assert left == [], "the incomplete copy takes the space that is left"
        _told(world.execute([*world.root_line(), "models"]), 0, before.live)
        world.check_answers()
        filler.unlink()
        # Full to the last byte: what frees space still works.
        filler = _fill(world.root, leave=0)
        clean = [*world.root_line(), "clean", "--older-than", "0m", "--keep-versions", "1"]
        _told(world.execute(clean), 0, "removed")
        assert world.state().complete == {before.live}
        filler.unlink()
        _told(world.execute(run), 0, "all gates passed")
        assert all(is_complete(path) for _, path in all_versions(world.workspace.serving))


# Data.


def test_spans_with_hostile_names(world: World, tmp_path: Path) -> None:
    data = tmp_path / "data"
    names = ["span-1", "span-2\n", "span-3\x1b[31m", "[red]span-4", "span-" + "9" * 30, "span-5*"]
    for name in names:
        shutil.copytree(world.data, data / name)
    line = world.run_line(world.new_seed())
    line[line.index(str(world.data))] = str(data)
    ended = world.execute(line)
    _told(ended, 0, "5 folders are passed over", r"'span-2\n'", "accepted as spans: span-{SPAN}")
    assert "\x1b[31m" not in ended.screen
    assert [span["span"] for span in _record(world)["data"]["spans"]] == ["1"]
    shutil.copytree(world.data, data / "span-01")
    _told(world.execute(line), 2, "span-01 and span-1 are the same version of span 1")

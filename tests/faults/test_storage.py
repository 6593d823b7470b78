"""A full disk, a read-only one, a damaged database, junk in the served folder, data that change."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.conftest import Done, run
from tests.faults.faulty import SETTINGS, assert_sound, run_with


def _run(root: Path, data: Path) -> Done:
    return run(root, "--data-root", str(data), settings=SETTINGS)


def _assert_told(done: Done, code: int, *told: str) -> None:
    assert done.code == code, done.screen
    assert "Traceback" not in done.screen
    for text in told:
        assert text in done.screen


# The cheap ones: nothing heavy is loaded before the fault is found.


def test_damaged_metadata_is_told_at_once(tmp_path: Path, ratings: Path) -> None:
    database = tmp_path / "runs" / "metadata" / "movielens.db"
    database.parent.mkdir(parents=True)
    database.write_bytes(b"SQLite format 3\0" + b"junk" * 5000)
    done = _run(tmp_path / "runs", ratings)
    _assert_told(done, 2, "movielens.db is damaged", "move it away")
    assert done.record["status"] == "failed"


def test_output_root_that_cannot_be_made_is_told_at_once(ratings: Path) -> None:
    _assert_told(_run(Path("/proc/runs"), ratings), 2, "--output-root: cannot write to /proc/runs")


def test_output_root_that_is_read_only_is_told_at_once(tmp_path: Path, ratings: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("root may write anywhere; the file system that is read-only shows it")
    (tmp_path / "runs").mkdir(mode=0o555)
    _assert_told(_run(tmp_path / "runs", ratings), 2, "--output-root: cannot write")


def test_span_without_ratings_is_told_at_once(tmp_path: Path, ratings: Path) -> None:
    shutil.copytree(ratings, tmp_path / "data" / "span-1")
    (tmp_path / "data" / "span-2").mkdir()
    done = _run(tmp_path / "runs", tmp_path / "data")
    _assert_told(done, 2, "span-2 holds no ratings")


# Those that need whole runs.


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 2 MB."""
    position = tmp_path / "disk"
    position.mkdir()
    options = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(position)]
    if os.geteuid() != 0 or subprocess.run(options, capture_output=True, check=False).returncode:
        pytest.skip("a file system of its own needs root")
    yield position
    subprocess.run(["umount", "--lazy", str(position)], check=True)


@pytest.mark.faults
@pytest.mark.slow
def test_full_and_read_only_disk(small_disk: Path, ratings: Path) -> None:
    root = small_disk / "runs"
    done = _run(root, ratings)
    _assert_told(done, 1, "No space left on device")
    assert [name for name in done.versions() if not name.startswith(".")] == []
    assert_sound(root)
    subprocess.run(["mount", "-o", "remount,size=200m", str(small_disk)], check=True)
    done = _run(root, ratings)
    assert (done.code, done.record["status"]) == (0, "pushed"), done.screen
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    _assert_told(_run(root, ratings), 2, "--output-root: cannot write")


@pytest.mark.faults
@pytest.mark.slow
def test_file_that_cannot_grow(tmp_path: Path, ratings: Path) -> None:
    # 400 movies × 1,024 floats of 4 bytes are more than 1 MiB; nothing else that is written is.
    root = tmp_path / "runs"
    wide = ("--set", "trainer.embedding_dim=1024", "--set", "trainer.epochs=1")
    done = run_with(root, ratings, "", *wide, file_bytes=1 << 20)
    _assert_told(done, 1, "Trainer failed")
    assert done.record["status"] == "failed"
    assert done.versions() == []
    assert_sound(root)


@pytest.fixture(scope="module")
def pushed(tmp_path_factory: pytest.TempPathFactory, ratings: Path) -> Done:
    """A run in a served folder that holds junk of all kinds."""
    root = tmp_path_factory.mktemp("junk") / "runs"
    serving = root / "serving_model" / "movielens"
    serving.mkdir(parents=True)
    (serving / "README").write_text("not a version")
    (serving / "latest").mkdir()
    (serving / ("9" * 20)).mkdir()  # more than a version can be
    (serving / "4000000000").mkdir()  # a version of the year 2096, empty
    (serving / "4000000000" / "saved_model.pb").write_text("")
    return _run(root, ratings)


@pytest.mark.faults
@pytest.mark.slow
def test_junk_in_the_served_folder_is_passed_over(pushed: Done) -> None:
    assert (pushed.code, pushed.record["status"]) == (0, "pushed"), pushed.screen
    # As with a clock that was set back: above everything there.
    assert pushed.record["pushed"]["version"] == "4000000001"
    assert {"README", "latest", "9" * 20, "4000000000"} < set(pushed.versions())


@pytest.mark.faults
@pytest.mark.slow
def test_damaged_metadata_moved_away(pushed: Done, ratings: Path) -> None:
    database = pushed.root / "metadata" / "movielens.db"
    content = bytearray(database.read_bytes())
    content[4096:20480] = bytes(16384)
    database.write_bytes(content)
    _assert_told(_run(pushed.root, ratings), 2, "is damaged")
    database.rename(database.with_suffix(".damaged"))
    done = _run(pushed.root, ratings)
    assert done.code == 0, done.screen
    assert not any(done.cached().values())
    assert done.record["status"] in ("pushed", "nothing_new")
    assert (pushed.root / "artifacts" / "movielens.orphaned-1" / "Trainer").is_dir()


CHANGE = """
import components.example_gen.executor as e
ingest = e.ingest_ratings
def changed(**arguments):
    summary = ingest(**arguments)
    with open(arguments["root"] + "/ratings.dat", "a") as file:
        file.write("1::1::5::978300760\\n")
    return summary
e.ingest_ratings = changed
"""


@pytest.mark.faults
@pytest.mark.slow
def test_data_that_change_while_they_are_read(tmp_path: Path, ratings: Path) -> None:
    data = tmp_path / "data"
    shutil.copytree(ratings, data)
    done = run_with(tmp_path / "runs", data, CHANGE)
    _assert_told(done, 2, "changed while it was read: ratings.dat")
    assert done.versions() == []

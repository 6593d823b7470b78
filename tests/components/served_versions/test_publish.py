"""Publishing a model: complete or not at all, under ever greater versions."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from components.errors import ConfigError
from components.served_versions import publish as module
from components.served_versions.publish import (
    check_destination,
    next_version,
    publish,
    same_files,
)
from components.served_versions.versions import find_live
from tests.components.served_versions.test_versions import write_version

ROOT = Path(module.__file__).parents[2]
NOW = 1_700_000_000.9


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return write_version(tmp_path, "Format-Serving")


@pytest.fixture
def destination(tmp_path: Path) -> Path:
    return tmp_path / "serving_model" / "movies"


def visible(destination: Path) -> list[str]:
    return sorted(path.name for path in destination.iterdir())


def test_publish_copies_everything_under_the_time_in_seconds(
    model: Path, destination: Path
) -> None:
    version, path = publish(model, destination, NOW)
    assert (version, path) == ("1700000000", destination / "1700000000")
    assert same_files(model, path)
    assert visible(destination) == ["1700000000"]
    assert find_live(destination) == (version, path)


def test_publish_can_be_read_by_everyone_who_may_read_the_model(
    model: Path, destination: Path
) -> None:
    # TensorFlow Serving often runs as another user.
    path = publish(model, destination, NOW)[1]
    assert path.stat().st_mode == model.stat().st_mode


def test_publish_clock_set_back_still_makes_a_greater_version(
    model: Path, destination: Path
) -> None:
    write_version(destination, "1800000000")
    (destination / "1800000005").mkdir()  # half written, but a number nobody may get again
    (model / "saved_model.pb").write_bytes(b"another graph")
    assert publish(model, destination, NOW)[0] == "1800000006"


def test_publish_model_that_is_live_is_not_copied_again(model: Path, destination: Path) -> None:
    first = publish(model, destination, NOW)
    assert publish(model, destination, NOW + 60) == first
    assert visible(destination) == ["1700000000"]


def test_publish_older_model_again_becomes_the_newest(model: Path, destination: Path) -> None:
    publish(model, destination, NOW)
    (model / "saved_model.pb").write_bytes(b"another graph")
    publish(model, destination, NOW)
    (model / "saved_model.pb").write_bytes(b"graph")
    # Both within the same second: each gets a number of its own.
    assert publish(model, destination, NOW)[0] == "1700000002"


def test_publish_failed_copy_leaves_nothing(
    model: Path, destination: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def half(source: Path, target: Path) -> None:
        target.mkdir()
        (target / "saved_model.pb").write_bytes(b"half")
        raise OSError("disk full")

    monkeypatch.setattr(module.shutil, "copytree", half)
    with pytest.raises(OSError, match="disk full"):
        publish(model, destination, NOW)
    assert visible(destination) == []


def test_publish_killed_half_way_shows_no_version_and_can_be_repeated(
    model: Path, destination: Path
) -> None:
    code = f"""
import os, shutil, signal
from pathlib import Path
from components.served_versions.publish import publish
def half(source, target):
    target.mkdir()
    shutil.copy(source / "saved_model.pb", target)
    os.kill(os.getpid(), signal.SIGKILL)
shutil.copytree = half
publish(Path({str(model)!r}), Path({str(destination)!r}))
"""
    killed = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False)
    assert killed.returncode == -9
    assert find_live(destination) is None
    assert not [name for name in visible(destination) if name.isdecimal()]
    version, path = publish(model, destination, NOW)
    assert find_live(destination) == (version, path)


def test_publish_removes_leftovers_only_once_they_are_old(model: Path, destination: Path) -> None:
    for name, age in ((".incoming-1-1", 7200), (".incoming-2-2", 10)):
        (destination / name).mkdir(parents=True)
        os.utime(destination / name, (time.time() - age,) * 2)
    publish(model, destination, NOW)
    assert visible(destination) == [".incoming-2-2", "1700000000"]


def test_publish_version_taken_meanwhile_goes_one_further(
    model: Path, destination: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = iter([1700000000, 1700000001])

    def late(folder: Path, now: float) -> int:
        version = next(answers)
        if version == 1700000000:  # another push takes it after the look
            write_version(folder, str(version))
        return version

    monkeypatch.setattr(module, "next_version", late)
    assert publish(model, destination, NOW)[0] == "1700000001"


@pytest.mark.parametrize("taken", ["9" * 18, "1" + "0" * 18, "8" * 18, str(2**63 - 2)])
def test_publish_above_a_huge_number_ends_and_is_live(
    model: Path, destination: Path, taken: str
) -> None:
    (destination / taken).mkdir(parents=True)
    (destination / taken / "notes.txt").write_text("not a model")
    version, path = publish(model, destination, NOW)
    assert int(version) == int(taken) + 1
    assert find_live(destination) == (version, path)


@pytest.mark.parametrize("junk", ["9" * 200, "٩" * 18, "１７００００００００", str(2**63), "1e18"])
def test_publish_passes_over_names_that_are_no_version(
    model: Path, destination: Path, junk: str
) -> None:
    (destination / junk).mkdir(parents=True)
    assert publish(model, destination, NOW)[0] == "1700000000"


def test_publish_without_a_greater_number_says_so_and_leaves_nothing(
    model: Path, destination: Path
) -> None:
    greatest = str(2**63 - 1)
    (destination / greatest).mkdir(parents=True)
    with pytest.raises(ConfigError, match="move it away") as caught:
        publish(model, destination, NOW)
    assert str(destination) in str(caught.value)
    assert visible(destination) == [greatest]


def test_check_destination_refuses_before_the_run_what_the_push_would_refuse(
    destination: Path,
) -> None:
    check_destination(destination)  # not there yet
    (destination / "9223372036854775806").mkdir(parents=True)
    check_destination(destination)
    (destination / "9223372036854775807").write_text("")
    with pytest.raises(ConfigError, match="greatest number"):
        check_destination(destination)
    for path in (destination / "9223372036854775807", destination.with_name("link")):
        path.exists() or path.symlink_to(destination / "none")
        with pytest.raises(ConfigError, match="is not a folder"):
            check_destination(path)


def test_publish_number_taken_by_a_file_or_a_dead_link_goes_one_further(
    model: Path, destination: Path
) -> None:
    destination.mkdir(parents=True)
    (destination / "1700000000").write_text("a file")
    (destination / "1700000001").symlink_to(destination / "none")
    (destination / ".incoming-3-3").symlink_to(destination / "none")
    assert publish(model, destination, NOW)[0] == "1700000002"


def test_publish_does_not_try_for_ever(
    model: Path, destination: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_version(destination, "5")
    (model / "saved_model.pb").write_bytes(b"another graph")
    monkeypatch.setattr(module, "next_version", lambda *_: 5)
    with pytest.raises(OSError, match="not empty"):
        publish(model, destination, NOW)
    assert visible(destination) == ["5"]


def test_next_version_of_an_empty_folder_is_the_time(tmp_path: Path) -> None:
    assert next_version(tmp_path / "none", 12.7) == 12
    assert next_version(tmp_path / "none", 0.0) == 1


def test_same_files_compares_names_and_bytes(tmp_path: Path) -> None:
    one, other = write_version(tmp_path, "1"), write_version(tmp_path, "2")
    assert same_files(one, other)
    (other / "saved_model.pb").write_bytes(b"grapf")
    assert not same_files(one, other)
    (other / "saved_model.pb").write_bytes(b"graph")
    (other / "extra").write_bytes(b"")
    assert not same_files(one, other)

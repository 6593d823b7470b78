"""The options of the data, up to the first look at its files."""

from __future__ import annotations

import argparse
import io
import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.console import Console

import local_runner
from components.errors import ConfigError
from pipeline.local.run.data_root import add_data_arguments, find_data_root, resolve_data_root
from pipeline.local.scheduling import schedule
from pipeline.local.workspace.workspace import Workspace
from tests.pipeline.datasets.zip_server import ZipServer, make_zip, serving

NAME = "ml-latest-small"  # nothing is published about its zip: any will do
# Without the columns that are needed: a run ends at the first look at the file, before TensorFlow.
FILES = {f"{NAME}/ratings.csv": "colour,shape\nred,round\n"}


@pytest.fixture
def server() -> Iterator[ZipServer]:
    with serving(ZipServer(make_zip(FILES))) as started:
        yield started


def _parse(*line: str) -> argparse.Namespace:
    return local_runner.build_parser().parse_args(line)


def _console() -> Console:
    return Console(file=io.StringIO(), width=80)


def _told(console: Console) -> str:
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_data_root_is_taken_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    console = _console()
    arguments = _parse("--data-root", "x")
    assert resolve_data_root(arguments, tmp_path / "sample", console) == tmp_path / "x"
    assert find_data_root(arguments, tmp_path / "sample") == tmp_path / "x"
    assert _told(console) == "Data: x\n"


def test_data_is_downloaded_once(server: ZipServer, tmp_path: Path) -> None:
    arguments = _parse("--data", NAME, "--data-cache", str(tmp_path), "--data-mirror", server.url)
    sample = tmp_path / "sample"
    assert find_data_root(arguments, sample) is None
    first, second = _console(), _console()
    root = resolve_data_root(arguments, sample, first)
    assert root == tmp_path / NAME
    assert resolve_data_root(arguments, sample, second) == root
    assert find_data_root(arguments, sample) == root
    assert "Cite: F. Maxwell Harper and Joseph A. Konstan. 2015." in _told(first)
    assert _told(second) == f"Data: {NAME} in {root}\n"
    assert len(server.seen) == 1
    assert not sample.exists()


def test_data_is_kept_in_the_users_cache(
    server: ZipServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    arguments = _parse("--data", NAME, "--data-mirror", server.url)
    root = resolve_data_root(arguments, tmp_path / "sample", _console())
    assert root == tmp_path / "two-tower-pipeline" / "datasets" / NAME


def test_sample_is_the_default(tmp_path: Path) -> None:
    console = _console()
    root = resolve_data_root(_parse(), tmp_path / "sample", console)
    assert root == tmp_path / "sample"
    assert (root / "ratings.dat").exists()
    assert find_data_root(_parse(), root) == root
    assert "a generated sample" in _told(console)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (["--data", "ml-2m"], "invalid choice: 'ml-2m'"),
        (["--data", "ml-1m", "--data-root", "x"], "not allowed with argument --data"),
    ],
)
def test_parser_refuses(line: list[str], told: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        _parse(*line)
    assert caught.value.code == 2
    assert told in capsys.readouterr().err


@pytest.mark.parametrize("option", ["--data-cache", "--data-mirror"])
@pytest.mark.parametrize("others", [[], ["--data-root", "x"]])
def test_option_of_the_download_without_data_is_refused(
    tmp_path: Path, option: str, others: list[str]
) -> None:
    arguments = _parse(option, "http://host", *others)
    with pytest.raises(ConfigError, match="belong to --data NAME, which is missing"):
        resolve_data_root(arguments, tmp_path, _console())


def test_command_may_have_the_options_too(tmp_path: Path) -> None:
    parser = argparse.ArgumentParser()
    add_data_arguments(parser)
    command = parser.add_subparsers().add_parser("look")
    add_data_arguments(command, default=argparse.SUPPRESS)
    parsed = parser.parse_args(["--data-cache", "c", "look", "--data", NAME])
    assert (parsed.data, parsed.data_cache, parsed.data_root) == (NAME, Path("c"), None)
    both = parser.parse_args(["--data-root", "x", "look", "--data", NAME])
    with pytest.raises(ConfigError, match="--data and --data-root: give one of them"):
        resolve_data_root(both, tmp_path, _console())


def test_schedule_leaves_the_download_to_the_run(
    server: ZipServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[Path] = []

    def look(_: object, __: object, root: Path) -> str:
        looked.append(root)
        return "nothing new"

    monkeypatch.setattr(schedule, "nothing_new", look)
    workspace = Workspace(tmp_path / "runs", "p")
    arguments = _parse("--data", NAME, "--data-cache", str(tmp_path), "--data-mirror", server.url)
    assert schedule.why_not(arguments, workspace) == ""
    assert (looked, server.seen) == ([], [])
    (tmp_path / NAME).mkdir()
    assert schedule.why_not(arguments, workspace) == "nothing new"
    assert looked == [tmp_path / NAME]


def _command(tmp_path: Path, mirror: str, name: str = NAME) -> list[str]:
    line = [sys.executable, local_runner.__file__, "--output-root", str(tmp_path / "runs")]
    return [*line, "--data", name, "--data-cache", str(tmp_path / "c"), "--data-mirror", mirror]


def _reason(tmp_path: Path) -> str:
    record = json.loads((tmp_path / "runs" / "last_run.json").read_text())
    assert (record["status"], record["exit_code"]) == ("failed", 2)
    return record["reason"]


def test_run_downloads_and_looks_at_the_files(server: ZipServer, tmp_path: Path) -> None:
    done = subprocess.run(_command(tmp_path, server.url), capture_output=True, text=True)
    assert done.returncode == 2
    assert f"Downloading {server.url}/{NAME}.zip" in done.stdout
    assert f"Data: {NAME} in {tmp_path / 'c' / NAME}" in done.stdout
    assert _reason(tmp_path).startswith(str(tmp_path / "c" / NAME / "ratings.csv"))
    again = subprocess.run(_command(tmp_path, server.url), capture_output=True, text=True)
    assert (again.returncode, len(server.seen)) == (2, 1)
    assert "Downloading" not in again.stdout


def test_run_without_a_network_says_in_one_line_what_to_do(tmp_path: Path) -> None:
    line = _command(tmp_path, "http://nowhere.invalid", "ml-1m")
    done = subprocess.run(line, capture_output=True, text=True)
    assert done.returncode == 2
    assert "Traceback" not in done.stdout + done.stderr
    reason = _reason(tmp_path)
    assert reason.startswith("http://nowhere.invalid/ml-1m.zip: ")
    assert reason.endswith(
        "fetch https://files.grouplens.org/datasets/movielens/ml-1m.zip by hand, "
        f"put it into {tmp_path / 'c'} and run again"
    )
    assert f"failed: {reason}\n" in done.stdout  # in one line


def test_run_that_is_told_to_end_while_it_downloads_goes_on_next_time(
    server: ZipServer, tmp_path: Path
) -> None:
    server.held = 100
    with subprocess.Popen(_command(tmp_path, server.url), stdout=subprocess.PIPE) as process:
        while not (tmp_path / "c" / f".{NAME}.zip.part").exists():
            time.sleep(0.01)
        process.send_signal(signal.SIGTERM)
        assert process.stdout is not None
        assert b"interrupted" in process.stdout.read()
    assert process.returncode == 1
    server.held = None
    subprocess.run(_command(tmp_path, server.url), capture_output=True, check=False)
    assert (tmp_path / "c" / NAME).is_dir()

"""Input that cannot be used: one clear line, exit 2, nothing pushed."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.e2e.conftest import Runner, run

pytestmark = pytest.mark.e2e


def _empty(folder: Path) -> None:
    (folder / "ratings.dat").write_text("")


def _no_movies(folder: Path) -> None:
    (folder / "movies.dat").unlink()


def _other_files(folder: Path) -> None:
    shutil.rmtree(folder)
    folder.mkdir()
    (folder / "sales.xlsx").write_text("x")


def _no_folder(folder: Path) -> None:
    shutil.rmtree(folder)


def _broken_rows(folder: Path) -> None:
    rows = (folder / "ratings.dat").read_text().splitlines()
    # Every tenth row is cut short: far more than data.max_dropped_share lets go.
    broken = [row[:3] if number % 10 == 0 else row for number, row in enumerate(rows)]
    (folder / "ratings.dat").write_text("\n".join(broken) + "\n")


def _anomalies(folder: Path) -> None:
    users = (folder / "users.dat").read_text()
    (folder / "users.dat").write_text(users.replace("::F::", "::female::"))


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (_no_folder, "data"),
        (_other_files, "it holds sales.xlsx); accepted: u.data"),
        (_empty, "ratings.dat"),
        (_no_movies, "movies.dat"),
        (_broken_rows, "ratings.dat:1:"),
        (_anomalies, "train/gender"),
    ],
)
def test_bad_data_is_refused(
    ratings: Path, tmp_path: Path, run_warm: Runner, spoil: Callable[[Path], None], told: str
) -> None:
    data = tmp_path / "data"
    shutil.copytree(ratings, data)
    spoil(data)
    # Broken rows and anomalies are seen by components, after TFX is imported: once from nothing.
    start = run_warm if spoil is _anomalies else run
    done = start(tmp_path / "runs", "--data-root", str(data))
    assert done.code == 2, done.screen
    assert told in done.screen
    assert "Traceback" not in done.screen
    assert (done.record["status"], done.record["exit_code"]) == ("failed", 2)
    assert told in done.record["reason"]
    assert done.record["pushed"] is None
    assert done.versions() == []


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--set", "trainer.epoch=1"], "did you mean trainer.epochs?"),
        (["--preset", "fast"], "no preset 'fast'"),
        (["--pipeline-name", "a/b"], "--pipeline-name"),
        (["--config", "missing.yaml"], "cannot read missing.yaml"),
        (["--set", "schema.path=missing.pbtxt"], "cannot read missing.pbtxt"),
    ],
)
def test_bad_arguments_are_refused_at_once(
    ratings: Path, tmp_path: Path, options: list[str], told: str
) -> None:
    done = run(tmp_path / "runs", "--data-root", str(ratings), *options, settings=())
    assert done.code == 2
    assert told in done.screen
    assert "Traceback" not in done.screen
    assert done.versions() == []

"""Input that cannot be used: one clear line, exit 2, nothing pushed."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

import schemas
from tests.e2e.conftest import Done, Runner, run

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


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (_no_folder, "data"),
        (_other_files, "it holds sales.xlsx); accepted: u.data"),
        (_empty, "ratings.dat"),
        (_no_movies, "movies.dat"),
        (_broken_rows, "ratings.dat:1:"),
    ],
)
def test_bad_data_is_refused(
    ratings: Path, tmp_path: Path, spoil: Callable[[Path], None], told: str
) -> None:
    data = tmp_path / "data"
    shutil.copytree(ratings, data)
    spoil(data)
    done = run(tmp_path / "runs", "--data-root", str(data))
    _check_refused(done, told)


def test_values_outside_of_the_schema_are_refused_where_they_are_used(
    ratings: Path, tmp_path: Path, run_warm: Runner
) -> None:
    data, schema = tmp_path / "data", tmp_path / "own.pbtxt"
    shutil.copytree(ratings, data)
    users = (data / "users.dat").read_text()
    (data / "users.dat").write_text(users.replace("::F::", "::non-binary::"))
    own = 'name: "gender"\n  domain: "genders"'
    text = schemas.INTERACTIONS.read_text().replace('name: "gender"', own)
    schema.write_text(text + 'string_domain { name: "genders" value: "F" value: "M" }')
    options = ["--set", f"schema.path={schema}", "--set", "trainer.user_features=[gender]"]
    done = run_warm(tmp_path / "runs", "--data-root", str(data), *options)
    _check_refused(done, "train/gender")
    for part in ("non-binary", "accepted for gender: F, M, or a schema with more values"):
        assert part in done.record["reason"]


def _check_refused(done: Done, told: str) -> None:
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

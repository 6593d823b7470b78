"""The check of ML Metadata's file."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from components.errors import ConfigError
from pipeline.local.workspace.database import check_database, move_orphans_aside


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "p.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE run (name TEXT)")
        connection.executemany("INSERT INTO run VALUES (?)", [("x" * 500,)] * 200)
    connection.close()
    return path


def test_check_database_accepts_a_sound_an_empty_and_no_file(database: Path) -> None:
    check_database(database)
    check_database(database.with_name("none.db"))
    database.write_bytes(b"")
    check_database(database)


@pytest.mark.parametrize("start", [0, 4096])
def test_check_database_tells_what_to_do_about_a_damaged_one(database: Path, start: int) -> None:
    # The header, or the pages after the first: 200 rows of 500 bytes fill many of 4,096.
    content = bytearray(database.read_bytes())
    content[start : start + 8192] = b"junk" * 2048
    database.write_bytes(content)
    with pytest.raises(ConfigError, match="move it away") as caught:
        check_database(database)
    assert str(database) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_move_orphans_aside_where_no_metadata_tell_of_artifacts(tmp_path: Path) -> None:
    artifacts, database = tmp_path / "p", tmp_path / "p.db"
    assert move_orphans_aside(database, artifacts) is None  # the first run
    for number in (1, 2):
        (artifacts / "Trainer").mkdir(parents=True)
        aside = move_orphans_aside(database, artifacts)
        assert aside == tmp_path / f"p.orphaned-{number}"
        assert (aside / "Trainer").is_dir()
        assert list(artifacts.iterdir()) == []


def test_move_orphans_aside_keeps_what_metadata_tell_of(database: Path, tmp_path: Path) -> None:
    (tmp_path / "p" / "Trainer").mkdir(parents=True)
    assert move_orphans_aside(database, tmp_path / "p") is None
    assert (tmp_path / "p" / "Trainer").is_dir()

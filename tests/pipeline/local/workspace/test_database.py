"""The check of ML Metadata's file."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from ml_metadata.metadata_store import metadata_store
from ml_metadata.proto import metadata_store_pb2

from components.errors import ConfigError, UserError
from pipeline.local.workspace.database import TABLES, check_database, move_orphans_aside
from pipeline.local.workspace.metadata import Store
from pipeline.local.workspace.workspace import BusyError


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A database as ML Metadata makes it, with rows enough to fill many pages of 4,096 bytes."""
    path = tmp_path_factory.mktemp("made") / "p.db"
    config = metadata_store_pb2.ConnectionConfig()
    config.sqlite.filename_uri = str(path)
    modes = metadata_store_pb2.SqliteMetadataSourceConfig
    config.sqlite.connection_mode = modes.READWRITE_OPENCREATE
    metadata_store.MetadataStore(config)
    change(path, *[f"INSERT INTO Type (name, type_kind) VALUES ('{n:0500}', 1)" for n in range(99)])
    return path.read_bytes()


@pytest.fixture
def database(tmp_path: Path, made: bytes) -> Path:
    path = tmp_path / "p.db"
    path.write_bytes(made)
    return path


def change(path: Path, *statements: str) -> None:
    connection = sqlite3.connect(path)
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()


HOLDER = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN " + sys.argv[2])
print("held", flush=True)
sys.stdin.read()
"""


@contextmanager
def held(path: Path, how: str) -> Iterator[None]:
    """Another process holds the database."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(path), how],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        yield
        holder.kill()


def test_check_database_accepts_a_sound_an_empty_and_no_file(database: Path) -> None:
    check_database(database)
    check_database(database.with_name("none.db"))
    database.write_bytes(b"")
    check_database(database)


@pytest.mark.parametrize("start", [0, 4096, 8192])
def test_check_database_tells_what_to_do_about_a_damaged_one(database: Path, start: int) -> None:
    # The header, or the pages after the first.
    content = bytearray(database.read_bytes())
    content[start : start + 8192] = b"junk" * 2048
    database.write_bytes(content)
    assert_refused(database, "is damaged", "move it away")


def test_check_database_tells_of_one_that_is_cut_off(database: Path) -> None:
    database.write_bytes(database.read_bytes()[:10_000])
    assert_refused(database, "is damaged", "move it away")


def assert_refused(database: Path, *told: str, kind: type[UserError] = ConfigError) -> str:
    with pytest.raises(kind) as caught:
        check_database(database, wait_seconds=0.1)
    text = str(caught.value)
    assert [part for part in (str(database), *told) if part not in text] == []
    assert "\n" not in text
    return text


@pytest.mark.parametrize("how", ["EXCLUSIVE", "IMMEDIATE"])
def test_check_database_locked_by_another_process_is_not_to_be_moved(
    database: Path, how: str
) -> None:
    with held(database, how):
        text = assert_refused(database, "is locked by another process", kind=BusyError)
        assert "move it away" not in text
    check_database(database)


def test_check_database_that_others_read_is_free(database: Path) -> None:
    with held(database, "DEFERRED"):
        check_database(database, wait_seconds=0.1)


@pytest.mark.parametrize(
    "statement",
    ["CREATE TABLE moz_places (url TEXT)", "CREATE TABLE artifacts (id INT)", "CREATE TABLE t (x)"],
)
def test_check_database_of_another_program(tmp_path: Path, statement: str) -> None:
    change(tmp_path / "p.db", statement)
    assert_refused(tmp_path / "p.db", "of another program", "move it away")


@pytest.mark.parametrize("table", sorted(TABLES))
def test_check_database_that_lacks_a_table_names_it(database: Path, table: str) -> None:
    change(database, f"DROP TABLE {table}")
    assert_refused(database, f"lacks 1 of ML Metadata's tables ({table})", "move it away")


def test_check_database_that_lacks_its_version(database: Path) -> None:
    change(database, "DELETE FROM MLMDEnv")
    assert_refused(database, "lacks the version of its schema", "move it away")
    change(database, "DROP TABLE MLMDEnv", "CREATE TABLE MLMDEnv (schema_version TEXT)")
    change(database, "INSERT INTO MLMDEnv VALUES ('ten')")
    assert_refused(database, "lacks the version of its schema")


def test_check_database_with_more_tables_is_sound(database: Path) -> None:
    change(database, "CREATE TABLE notes (text TEXT)")
    check_database(database)


def test_check_database_without_any_table_is_a_fresh_start(tmp_path: Path) -> None:
    change(tmp_path / "p.db", "PRAGMA user_version = 1")
    assert (tmp_path / "p.db").stat().st_size
    check_database(tmp_path / "p.db")


def test_check_database_that_is_a_folder(tmp_path: Path) -> None:
    (tmp_path / "p.db").mkdir()
    assert_refused(tmp_path / "p.db", "is a folder")


@pytest.mark.parametrize(
    ("error", "told"),
    [
        ("attempt to write a readonly database", "must be writable"),
        ("unable to open database file", "cannot be opened"),
        ("disk I/O error", "look at its disk"),
        ("database or disk is full", "look at its disk"),
        ("file is not a database", "move it away"),
    ],
)
def test_check_database_each_cause_has_its_sentence(
    database: Path, monkeypatch: pytest.MonkeyPatch, error: str, told: str
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise sqlite3.OperationalError(error)

    monkeypatch.setattr(sqlite3, "connect", fail)
    assert ("move it away" in assert_refused(database, told)) == (told == "move it away")


def test_store_of_a_newer_metadata_says_so_in_one_line(database: Path) -> None:
    change(database, "UPDATE MLMDEnv SET schema_version = 99")
    with pytest.raises(ConfigError, match="version 99 is greater") as caught:
        Store(database)
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

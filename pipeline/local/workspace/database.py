"""A cheap look at ML Metadata's SQLite file before anything relies on it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from components.errors import ConfigError, UserError
from pipeline.local.workspace.workspace import BusyError

# What ML Metadata makes in a new database.
TABLES = frozenset(
    (
        *("Artifact", "ArtifactProperty", "Execution", "ExecutionProperty"),
        *("Context", "ContextProperty", "ParentContext", "Type", "TypeProperty", "ParentType"),
        *("Event", "EventPath", "Association", "Attribution", "MLMDEnv"),
    )
)
_MOVE_AWAY = "move it away: the next run then starts without a cache, and what is live stays live"
_WAIT_SECONDS = 10.0
_DISK = "cannot be used ({}); the file may be sound: look at its disk"
# What parts of SQLite's texts mean where the file is not damaged.
_PROBLEMS = {
    "readonly": "cannot be written; the file and its folder must be writable",
    "unable to open": "cannot be opened; the file and its folder must be readable and writable",
    "disk is full": _DISK,
    "disk I/O": _DISK,
}


def check_database(path: Path, wait_seconds: float = _WAIT_SECONDS) -> None:
    """Checks the file, if there is one: an absent or empty one is a fresh start.

    Args:
        path: The database.
        wait_seconds: How long to wait for another process that writes.

    Raises:
        ConfigError: It is damaged, cannot be read or written, or is no database of ML Metadata.
        BusyError: Another process holds it.
    """
    if path.is_dir():
        raise ConfigError(f"metadata: {path} is a folder, not a database; {_MOVE_AWAY}")
    if path.exists() and not path.is_file():
        raise ConfigError(f"metadata: {path} is not a regular file; {_MOVE_AWAY}")
    if not path.exists() or not path.stat().st_size:
        return
    try:
        # Not read-only: SQLite must be able to finish what a killed run left in the journal.
        with closing(sqlite3.connect(path, timeout=wait_seconds)) as connection:
            (verdict,) = connection.execute("PRAGMA quick_check(1)").fetchone()
            if verdict != "ok":
                raise _damaged(path, verdict)
            found = {name for (name,) in connection.execute(_NAMES)}
            _check_tables(path, found)
            if "MLMDEnv" in found and not connection.execute(_SCHEMA_VERSION).fetchone():
                raise ConfigError(
                    f"metadata: {path} lacks the version of its schema (table MLMDEnv); "
                    f"{_MOVE_AWAY}"
                )
            # A lock that lets others read would stop the run at its first component.
            connection.execute("BEGIN IMMEDIATE")
            connection.rollback()
    except sqlite3.Error as error:
        raise _explain(path, error) from error


_NAMES = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
_SCHEMA_VERSION = "SELECT schema_version FROM MLMDEnv WHERE typeof(schema_version) = 'integer'"


def _check_tables(path: Path, found: set[str]) -> None:
    """Refuses the database of another program, and one of ML Metadata that lacks a table."""
    if found and not found & TABLES:
        raise ConfigError(
            f"metadata: {path} is an SQLite database of another program, without ML Metadata's "
            f"tables; {_MOVE_AWAY}"
        )
    if found and (missing := sorted(TABLES - found)):
        raise ConfigError(
            f"metadata: {path} lacks {len(missing)} of ML Metadata's tables "
            f"({', '.join(missing)}); {_MOVE_AWAY}"
        )


def _damaged(path: Path, verdict: str) -> ConfigError:
    first_line = (verdict.splitlines() or ["no reason given"])[0]
    return ConfigError(f"metadata: {path} is damaged ({first_line}); {_MOVE_AWAY}")


def _explain(path: Path, error: sqlite3.Error) -> UserError:
    """Returns what to do about an error of SQLite, by its text: Python 3.10 has no codes."""
    text = str(error)
    if "locked" in text:
        return BusyError(
            f"metadata: {path} is locked by another process; nothing is wrong with it: end that "
            "process, or wait for it"
        )
    for part, problem in _PROBLEMS.items():
        if part in text:
            return ConfigError(f"metadata: {path} {problem.format(text)}")
    return _damaged(path, text)


def move_orphans_aside(database: Path, artifacts: Path) -> Path | None:
    """Moves artifacts away where there is no metadata, as after a damaged database was removed.

    TFX would number new artifacts from 1 again and write into the folders of the old ones.

    Returns:
        The new folder; None where there was nothing to move.
    """
    if database.exists() and database.stat().st_size:
        return None
    if not artifacts.is_dir() or not any(artifacts.iterdir()):
        return None
    number = 1
    while (aside := artifacts.with_name(f"{artifacts.name}.orphaned-{number}")).exists():
        number += 1
    artifacts.rename(aside)
    artifacts.mkdir()
    return aside

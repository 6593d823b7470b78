"""A cheap look at ML Metadata's SQLite file before anything relies on it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from components.errors import ConfigError


def check_database(path: Path) -> None:
    """Checks the file, if there is one: an absent or empty one is a fresh start.

    Raises:
        ConfigError: If it is damaged or cannot be read.
    """
    if not path.exists() or not path.stat().st_size:
        return
    try:
        # Not read-only: SQLite must be able to finish what a killed run left in the journal.
        with closing(sqlite3.connect(path, timeout=10)) as connection:
            (verdict,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.Error as error:
        verdict = str(error)
    if verdict != "ok":
        raise ConfigError(
            f"metadata: {path} is damaged ({verdict.splitlines()[0]}); move it away: the next run "
            "then starts without a cache, and what is live stays live"
        )


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

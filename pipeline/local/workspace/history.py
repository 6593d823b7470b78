"""The history: one JSON line for each finished run and rollback, appended, never rewritten."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

Entry = dict[str, Any]
# The status of an entry that is no run; `pushed` is the new version, `copy_of` the old one.
ROLLED_BACK = "rolled_back"


def append_entry(path: Path, entry: Entry) -> None:
    """Appends one entry; a last line that a killed run left incomplete is ended first."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab+") as file:
        if file.tell() and not _ends_with_newline(file):
            file.write(b"\n")
        file.write(json.dumps(entry, sort_keys=True).encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())


def _ends_with_newline(file: Any) -> bool:
    file.seek(-1, os.SEEK_END)
    return file.read(1) == b"\n"


def read_entries(path: Path) -> list[Entry]:
    """Reads all entries, oldest first; lines that are not a JSON object are skipped."""
    if not path.exists():
        return []
    entries = []
    for line in path.read_bytes().splitlines():
        try:
            entry = json.loads(line)
        except ValueError:
            continue
        if isinstance(entry, dict):
            entries.append(entry)
    return entries


def entry_of_version(entries: list[Entry], version: str) -> Entry | None:
    """Returns the newest entry that created `version`: a run that pushed it, or a rollback."""
    for entry in reversed(entries):
        created = entry.get("status") in ("pushed", ROLLED_BACK)
        if created and str((entry.get("pushed") or {}).get("version")) == version:
            return entry
    return None


def newest_push(entries: list[Entry], run_key: str, version: str) -> Entry | None:
    """Returns the newest run with these inputs and settings that pushed `version`, if any."""
    for entry in reversed(entries):
        pushed = entry.get("pushed") or {}
        if entry.get("run_key") == run_key and str(pushed.get("version")) == version:
            return entry
    return None

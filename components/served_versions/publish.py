"""Publishes a model into a folder in TensorFlow Serving's layout, complete or not at all."""

from __future__ import annotations

import filecmp
import os
import shutil
import time
from pathlib import Path

from components.served_versions.versions import all_versions, find_live

# TensorFlow Serving takes only folders whose names are numbers for versions.
_INCOMING = ".incoming-"
_STALE_SECONDS = 3600.0


def publish(model: Path, destination: Path, now: float | None = None) -> tuple[str, Path]:
    """Copies a SavedModel to `destination/<version>` in one visible step.

    The files are copied to a folder that servers do not look at, which is then renamed: a push that
    is killed leaves no version behind, never half of one. The version is the time in seconds since
    1970, or one more than the greatest version there where the clock is behind it. A model that is
    live already is not copied again.

    Args:
        model: folder of the SavedModel.
        destination: `serving_model/<name>`; created if it does not exist.
        now: seconds since 1970; None for the present.

    Returns:
        The version and its path.
    """
    live = find_live(destination)
    if live is not None and same_files(model, live[1]):
        return live
    destination.mkdir(parents=True, exist_ok=True)
    _remove_stale(destination)
    incoming = destination / f"{_INCOMING}{os.getpid()}-{time.time_ns()}"
    try:
        shutil.copytree(model, incoming)
        _sync(incoming)
        return _rename(incoming, destination, time.time() if now is None else now)
    finally:
        shutil.rmtree(incoming, ignore_errors=True)


def next_version(destination: Path, now: float) -> int:
    """Returns `now` in whole seconds, or one more than the greatest version, even a broken one."""
    return max(int(now), *(version + 1 for version, _ in all_versions(destination)), 1)


def same_files(one: Path, other: Path) -> bool:
    """Returns whether two folders hold the same files with the same bytes."""
    names = [_relative_files(folder) for folder in (one, other)]
    return names[0] == names[1] and all(
        filecmp.cmp(one / name, other / name, shallow=False) for name in names[0]
    )


def _relative_files(folder: Path) -> list[Path]:
    return sorted(path.relative_to(folder) for path in folder.rglob("*") if path.is_file())


def _rename(incoming: Path, destination: Path, now: float) -> tuple[str, Path]:
    """Renames the complete copy to the next version that no other push has taken meanwhile."""
    while True:
        version = next_version(destination, now)
        path = destination / str(version)
        try:
            # Fails where another push has created that version: the folder is not empty.
            incoming.rename(path)
        except OSError:
            if not path.exists():
                raise
        else:
            return path.name, path


def _sync(folder: Path) -> None:
    """Flushes the files to disk before they become visible: a power cut must not empty them."""
    for path in folder.rglob("*"):
        if path.is_file():
            with path.open("rb") as file:
                os.fsync(file.fileno())


def _remove_stale(destination: Path) -> None:
    """Removes the copies of killed pushes, but not one so new that its push may still run."""
    for path in destination.glob(f"{_INCOMING}*"):
        if time.time() - path.stat().st_mtime > _STALE_SECONDS:
            shutil.rmtree(path, ignore_errors=True)

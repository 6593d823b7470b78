"""Publishes a model into a folder in TensorFlow Serving's layout, complete or not at all."""

from __future__ import annotations

import contextlib
import filecmp
import os
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from components.errors import ConfigError
from components.served_versions.removal import remove
from components.served_versions.versions import MAX_VERSION, find_live, is_version

# TensorFlow Serving takes only folders whose names are numbers for versions.
_INCOMING = ".incoming-"
_STALE_SECONDS = 3600.0
# How often another push may take the number that this one is about to take.
_ATTEMPTS = 100


Announce = Callable[[Path], None]


def _tell_nobody(path: Path) -> None:
    """Hears of nothing."""


_announce: Announce = _tell_nobody


@contextlib.contextmanager
def announced_to(listener: Announce) -> Iterator[None]:
    """Within the block, tells the listener of each version just before it becomes visible.

    It is given the path that the version will have. If it raises, nothing becomes visible. Where
    another push takes the number at that moment, it is told of the next one.
    """
    global _announce
    before, _announce = _announce, listener
    try:
        yield
    finally:
        _announce = before


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

    Raises:
        ConfigError: There is no greater number for the version.
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


def check_destination(destination: Path) -> None:
    """Checks that a version can be pushed there, before hours are spent on a model.

    Raises:
        ConfigError: It is no folder, or there is no greater number for the version.
    """
    if os.path.lexists(destination) and not destination.is_dir():
        raise ConfigError(
            f"no version can be pushed: {destination} is not a folder; move it away, then the "
            "push makes the folder"
        )
    next_version(destination, time.time())


def next_version(destination: Path, now: float) -> int:
    """Returns `now` in whole seconds, or one more than the greatest number that is taken.

    A number is taken by anything of that name: a version, a broken one, even a file.

    Raises:
        ConfigError: The greatest number that servers can read is taken.
    """
    names = os.listdir(destination) if destination.is_dir() else []
    version = max(int(now), *(int(name) + 1 for name in names if is_version(name)), 1)
    if version > MAX_VERSION:
        raise ConfigError(
            f"no version can be pushed: {destination} holds {MAX_VERSION}, the greatest number "
            "that servers take; move it away, then the next version is named by the time"
        )
    return version


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
    for attempt in range(_ATTEMPTS):
        path = destination / str(next_version(destination, now))
        _announce(path)
        try:
            # Fails where another push has created that version: the folder is not empty.
            incoming.rename(path)
        except OSError:
            if not os.path.lexists(path) or attempt == _ATTEMPTS - 1:
                raise
        else:
            break
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
        with contextlib.suppress(OSError):  # another push removes it too
            if time.time() - path.lstat().st_mtime > _STALE_SECONDS:
                remove(path)

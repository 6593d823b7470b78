"""Versions that are about to become live: noted before, taken away once the history has them.

A run or a rollback that ends between the two leaves its note behind. The next one finds it and
looks whether the version is there: then it is recorded, else the note is taken away.

A note is locked as long as its process lives, so nobody takes a push under way for one that ended.
"""

from __future__ import annotations

import contextlib
import datetime
import fcntl
import json
import os
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from components.errors import ConfigError
from components.regular_file import open_regular
from components.served_versions.publish import Announce
from components.served_versions.versions import is_complete
from pipeline.local.workspace import history
from pipeline.local.workspace.history import Entry
from pipeline.local.workspace.workspace import Workspace

_WRITING = ".writing"


class NotRecordedError(OSError):
    """A note or an entry of the history that cannot be written; the text says what took effect."""


class Intent:
    """The note of one push; it is written when the version's number is known.

    Attributes:
        entry: What the history is to hold once the version is live; {} before it is known.
    """

    def __init__(self, workspace: Workspace) -> None:
        """Names the note; nothing is written yet."""
        self.entry: Entry = {}
        self._workspace = workspace
        self._path = workspace.intents / f"{uuid.uuid4().hex}.json"
        self._file: BinaryIO | None = None

    def write(self, entry: Entry) -> None:
        """Writes the note; another number for the version replaces it.

        Raises:
            NotRecordedError: It cannot be written, or the history could not hold the entry. Then
                nothing may become live.
        """
        _, wrong = history.check_entry(entry)
        if wrong:
            raise NotRecordedError(f"nothing was pushed, for it could not be recorded: {wrong}")
        text = json.dumps(entry, sort_keys=True, allow_nan=False)
        try:
            # Versions that were copied here from elsewhere have no history yet.
            self._workspace.history.parent.mkdir(parents=True, exist_ok=True)
            self._workspace.history.open("ab").close()
            self._replace(text.encode())
        except OSError as error:
            raise NotRecordedError(
                "nothing was pushed, for it could not be recorded in "
                f"{self._workspace.history.parent}: {error.strerror or error}"
            ) from error
        self.entry = entry

    def noting(self, entry_of: Callable[[], Entry]) -> Announce:
        """Returns what writes the note just before the version becomes visible.

        The version and the time since now are added to the entry.
        """
        clock = time.monotonic()
        started = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds")

        def note(path: Path) -> None:
            entry = entry_of()
            entry["started"] = started
            entry["seconds"] = round(time.monotonic() - clock, 2)
            entry["pushed"] = {"version": path.name, "path": str(path)}
            self.write(entry)

        return note

    def _replace(self, text: bytes) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        aside = self._path.with_suffix(_WRITING)
        file = aside.open("wb")
        try:
            fcntl.flock(file, fcntl.LOCK_EX)
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
            aside.replace(self._path)
        except BaseException:
            aside.unlink(missing_ok=True)
            file.close()
            raise
        self.release()
        self._file = file

    def took_effect(self) -> bool:
        """Returns whether the version is there."""
        return bool(self.entry) and is_complete(_version_path(self._workspace, self.entry))

    @contextlib.contextmanager
    def pending(self) -> Iterator[None]:
        """The block pushes. Where it raises, the note of what took effect stays for the next run.

        A note of what did not take effect is taken away.
        """
        try:
            yield
        except BaseException:
            if self.took_effect():
                self.release()
            else:
                self.remove()
            raise

    def remove(self) -> None:
        """Takes the note away, because the history has the entry, or nothing took effect."""
        with contextlib.suppress(OSError):  # the next run takes it away
            self._path.unlink(missing_ok=True)
        self.release()

    def release(self) -> None:
        """Leaves the note, if there is one, to the next run."""
        if self._file is not None:
            self._file.close()
            self._file = None


@dataclass(frozen=True)
class Settled:
    """What became of a note that an ended process left.

    Attributes:
        version: The version.
        recorded: Whether it is there, and in the history since now.
        sentence: What happened, for a person.
        by_run: Whether it was a run that pushed it, and not a rollback.
    """

    version: str
    recorded: bool
    sentence: str
    by_run: bool = False


def settle(workspace: Workspace) -> list[Settled]:
    """Records the pushes whose record is missing, and takes away the notes of others.

    Raises:
        NotRecordedError: The history cannot be written.
    """
    settled = []
    for path in sorted(workspace.intents.glob(f"*{_WRITING}")):
        with _held(path):
            path.unlink(missing_ok=True)
    for path in sorted(workspace.intents.glob("*.json")):
        with _held(path) as file:
            if file is not None and (found := _settle_one(workspace, path, file.read())):
                settled.append(found)
    return settled


@contextlib.contextmanager
def _held(path: Path) -> Iterator[BinaryIO | None]:
    """Opens and locks a note for the block; None where its process lives, or it is gone."""
    try:
        file = open_regular(path)
    except OSError:  # gone, or no note at all
        yield None
        return
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield None
            return
        yield file if os.fstat(file.fileno()).st_nlink else None


def _settle_one(workspace: Workspace, path: Path, text: bytes) -> Settled | None:
    entry, why = history.read_line(text)
    if entry is None or not entry.get("pushed"):
        kept = path.with_suffix(".damaged")
        path.replace(kept)
        sentence = f"the note of a push cannot be read ({why or 'no version'}); kept as {kept}"
        return Settled("", False, sentence)
    version = entry["pushed"]["version"]
    by_run = entry.get("status") != history.ROLLED_BACK
    what = "run" if by_run else "rollback"
    found = None
    if not is_complete(_version_path(workspace, entry)):
        sentence = f"a {what} of {entry.get('started')} ended before its push took effect"
        found = Settled(version, False, f"{sentence}: version {version} never became live")
    elif not history.entry_of_version(history.read_entries(workspace.history), version):
        try:
            history.append_entry(workspace.history, entry)
        except OSError as error:
            raise NotRecordedError(
                f"version {version} is pushed and still cannot be recorded in "
                f"{workspace.history}: {error.strerror or error}"
            ) from error
        sentence = f"a {what} of {entry.get('started')} pushed version {version}"
        sentence += " and ended before it was recorded: it is now"
        found = Settled(version, True, sentence, by_run)
    path.unlink(missing_ok=True)
    return found


def check_writable(workspace: Workspace) -> None:
    """Checks that the history can be written, before hours are spent on a model.

    Raises:
        ConfigError: It cannot.
    """
    path = workspace.history
    if path.exists() and not (path.is_file() and os.access(path, os.W_OK)):
        raise ConfigError(f"history: {path} cannot be written; accepted: a writable file, or none")


def _version_path(workspace: Workspace, entry: Entry) -> Path:
    return workspace.serving / str(entry["pushed"]["version"])

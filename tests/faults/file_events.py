"""Ends a process at one of its own changes to files: executed in a fork, before the program.

Python tells an audit hook of each file that it opens, makes, renames or removes, just before it
does so. The hook counts those below a folder and sends the process a signal at one of them. The
program itself knows nothing of it.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import sys
from pathlib import Path
from typing import Any

# Which of its arguments are files that change; what is copied does not.
_CHANGES = {
    "os.rename": slice(2),
    "os.remove": slice(1),
    "os.rmdir": slice(1),
    "os.mkdir": slice(1),
    "os.chmod": slice(1),
    "shutil.copyfile": slice(1, 2),
}
_WRITES = os.O_WRONLY | os.O_RDWR


ANYWHERE = ""


class Watch:
    """What counts the changes, in the whole folder and in each of the folders in it."""

    def __init__(self, root: str, number: int, area: str, at: int) -> None:
        """Watches from now on.

        Args:
            root: Folder.
            number: The signal.
            area: Name of a folder in it, or ANYWHERE.
            at: Count of the change in the area before which it is sent; 0 for none.
        """
        self._root, self._number, self._area, self._at = root, number, area, at
        self.counts = {ANYWHERE: 0}
        self._process = os.getpid()  # a child of the program is not watched
        sys.addaudithook(self._hear)

    def _hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open":
            writes = isinstance(arguments[2], int) and arguments[2] & _WRITES
            paths = arguments[:1] if writes else ()
        else:
            paths = arguments[_CHANGES[event]] if event in _CHANGES else ()
        names = [os.fsdecode(path) for path in paths if isinstance(path, str | bytes | os.PathLike)]
        areas = {area for name in names for area in self._areas(name)}
        if not areas or os.getpid() != self._process:
            return
        for area in areas:
            self.counts[area] = self.counts.get(area, 0) + 1
        if self._area in areas and self.counts[self._area] == self._at:
            os.kill(os.getpid(), self._number)

    def _areas(self, name: str) -> tuple[str, ...]:
        if not os.path.isabs(name):
            # Where a tree is removed, files are named below the descriptor of their folder.
            return (ANYWHERE,)
        if not name.startswith(self._root + os.sep):
            return ()
        return (ANYWHERE, name[len(self._root) + 1 :].split(os.sep)[0])


def watch(root: str, number: int, area: str, at: int, note: str) -> None:
    """Watches, and writes the counts by area to the file `note` where the process ends well."""
    watching = Watch(root, number, area, at)

    def write() -> None:
        with contextlib.suppress(OSError):  # as another user
            Path(note).write_text(json.dumps(watching.counts), encoding="utf-8")

    atexit.register(write)

"""Where an attempt takes place: an output root with versions, data, settings, and bystanders."""

from __future__ import annotations

import os
import shutil
import stat
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pipeline.local.workspace.workspace import Workspace
from tests.pipeline.kubeflow.package import PACKAGE
from tests.pipeline.local.synthetic import push

NAME = "movielens"
# What no command may change, whatever it is told.
BYSTANDERS = ("data", "bystander", "settings.yaml", "package.yaml", "users.txt")
State = dict[str, Any]


class Place:
    """A folder with everything that commands look at; `restore` makes it as it was."""

    def __init__(self, folder: Path) -> None:
        """Fills the folder."""
        self.folder = folder
        self.template = folder.with_name(f"{folder.name}-template")
        self.root = folder / "runs"
        # Deep, so that ../../.. stays inside.
        self.work = folder / "a" / "b" / "c" / "work"
        self._fill(self.template)
        shutil.copytree(self.template, folder, symlinks=True)
        self.begin()
        self.filled = self.before

    def begin(self) -> None:
        """Takes the place as it is for what an attempt finds."""
        self.before, self.history = state(self.folder), self._history()

    def _fill(self, folder: Path) -> None:
        (folder / "a" / "b" / "c" / "work").mkdir(parents=True)
        for name in ("home", "tmp", "bystander", "data"):
            (folder / name).mkdir()
        (folder / "bystander" / "keep.txt").write_text("keep")
        rows = [
            f"{user},{movie},{1 + (user * movie) % 5}" for user in range(9) for movie in range(9)
        ]
        (folder / "data" / "ratings.csv").write_text("user,movie,rating\n" + "\n".join(rows))
        (folder / "settings.yaml").write_text("trainer: {epochs: 1}\n")
        (folder / "package.yaml").write_text(PACKAGE)
        (folder / "users.txt").write_text("1\n2\n")
        workspace = Workspace(folder / "runs", NAME)
        for version in ("1", "22", "333"):
            push(workspace, version, config={"retention": {"keep_versions": 2}})
            assets = workspace.serving / version / "assets"
            assets.mkdir()
            (assets / "user_id").write_text("1\n2\n3\n")

    def changes(self) -> list[str]:
        """Returns what has been added, changed or removed since the attempt began."""
        return differing(self.before, state(self.folder))

    def restore(self) -> None:
        """Makes the place as it was filled, by what differs."""
        names = differing(self.filled, state(self.folder))
        for name in names:
            remove(self.folder / name)
        for name in names:
            if name in self.filled and not os.path.lexists(self.folder / name):
                copy(self.template / name, self.folder / name)
        self.begin()

    def violations(
        self, changes: list[str], code: int | None, writes: bool, own: bool = False
    ) -> list[str]:
        """Returns the changes that an attempt must not have made.

        Args:
            changes: What `changes` returned after it.
            code: Its exit code.
            writes: Whether the command makes files where the user says.
            own: Whether it does so when it fails, too.
        """
        bad = []
        for name in changes:
            top = Path(name).parts[0]
            live = name.startswith(f"runs/serving_model/{NAME}/333")
            kept = name.startswith((f"runs/serving_model/{NAME}/", f"runs/history/{NAME}.jsonl"))
            kept = kept and ".incoming-" not in name
            # A run whose last_run.json cannot be written still has its line.
            kept = kept and not (code == 1 and name.endswith(".jsonl"))
            owned = Path(name).name == "owned"
            outside = top not in ("runs", "home", "tmp") and not (own or (writes and code == 0))
            if top in BYSTANDERS or live or owned or (code != 0 and (kept or outside)):
                bad.append(name)
        if not self._history().startswith(self.history):
            bad.append("the history was rewritten")
        return bad

    def _history(self) -> bytes:
        path = self.root / "history" / f"{NAME}.jsonl"
        return path.read_bytes() if path.is_file() else b""


def remove(path: Path) -> None:
    """Removes whatever there is."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def copy(path: Path, target: Path) -> None:
    """Copies a file or folder."""
    if path.is_dir():
        shutil.copytree(path, target, symlinks=True)
    else:
        shutil.copy2(path, target)


def differing(before: State, after: State) -> list[str]:
    """Returns the paths of what is not the same in two states."""
    return sorted(
        name for name in before.keys() | after.keys() if before.get(name) != after.get(name)
    )


def state(folder: Path) -> State:
    """Returns what every file of a folder is, by its path in it."""
    found: State = {}
    top = os.path.join(folder, "")
    pending = [top]
    while pending:
        with os.scandir(pending.pop()) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    pending.append(entry.path)
                found[entry.path.removeprefix(top)] = _kind(entry)
    return found


# The hash of each file's content, with the facts that change with it. The time of a change of a
# file's inode cannot be set by programs: what has the same one has not been written to, but for
# the moment that file systems round it to.
_hashes: dict[str, tuple[tuple[int, int, int], int]] = {}
_MOMENT_NS = 50_000_000


def _kind(entry: os.DirEntry[str]) -> Any:
    facts = entry.stat(follow_symlinks=False)
    kind = stat.S_IFMT(facts.st_mode)
    if stat.S_ISLNK(kind):
        return kind, os.readlink(entry.path)
    if not stat.S_ISREG(kind):
        return kind
    same = facts.st_ino, facts.st_size, facts.st_ctime_ns
    known = _hashes.get(entry.path)
    if known is not None and known[0] == same:
        return kind, known[1]
    with open(entry.path, "rb") as file:
        content = hash(file.read())
    if time.time_ns() - facts.st_ctime_ns > _MOMENT_NS:
        _hashes[entry.path] = same, content
    return kind, content


_guard: dict[str, Any] = {}
_CHANGES = ("os.rename", "os.mkdir", "os.remove", "os.rmdir", "os.chmod", "os.symlink", "os.link")
_WRITABLE = ("/dev/null", "/dev/full", "/dev/zero", "/dev/tty", "/dev/shm", "/proc")


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    """Lets nobody write outside of the place, as if the process were not root's."""
    if not _guard or _guard.get("busy") or _guard["thread"] != threading.get_ident():
        return
    if event == "open":
        path, _, flags = arguments
        paths = [path] if isinstance(flags, int) and flags & (os.O_WRONLY | os.O_RDWR) else []
        devices: tuple[str, ...] = _WRITABLE
    elif event in _CHANGES:
        paths, devices = (
            list(arguments[:2] if event in ("os.rename", "os.link") else arguments[:1]),
            (),
        )
        if event == "os.symlink":
            paths = [arguments[1]]
    else:
        return
    _guard["busy"] = True
    try:
        for path in paths:
            if isinstance(path, str | bytes | os.PathLike) and not _is_inside(path, devices):
                raise PermissionError(13, "Permission denied", os.fsdecode(path))
    finally:
        _guard["busy"] = False


def _is_inside(path: Any, devices: tuple[str, ...]) -> bool:
    try:
        parent, name = os.path.split(os.fsdecode(path))
        real = os.path.join(os.path.realpath(parent), name)
    except (ValueError, OSError):
        return True  # what it is for is refused anyway
    return real.startswith((*_guard["inside"], *devices)) or "__pycache__" in real


@contextmanager
def guarded(*inside: Path) -> Iterator[None]:
    """Within the block, this thread may write into these folders only."""
    if not _guard.get("installed"):
        sys.addaudithook(_hook)
    _guard.update(
        installed=True,
        busy=False,
        thread=threading.get_ident(),
        inside=tuple(os.path.realpath(folder) for folder in inside),
    )
    try:
        yield
    finally:
        _guard["busy"] = True

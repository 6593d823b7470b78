"""Reading files wherever they are: local ones with the standard library, others through TFX.

TFX's file layer (which adds gs:// and its like) takes seconds to import, so it is loaded only for
paths that need it.
"""

from __future__ import annotations

import contextlib
import glob
import os
from collections.abc import Iterator
from typing import Any, BinaryIO, cast

from components.errors import DataError, shown
from components.regular_file import open_regular


def is_remote(path: str) -> bool:
    """True where the path names a file system other than the local one, as gs://bucket/x does."""
    return "://" in path


@contextlib.contextmanager
def _remote(path: str) -> Iterator[Any]:
    """Gives the block TFX's file layer, whose errors are as many as there are file systems.

    Raises:
        DataError: It does not know the place, or cannot do there what the block wants.
    """
    from tfx.dsl.io import fileio

    try:
        yield fileio
    except Exception as error:
        why = shown((str(error).strip() or type(error).__name__).splitlines()[0], 300, quote=False)
        raise DataError(
            f"{shown(path, quote=False)}: cannot be read or written there: {why}; accepted are "
            "local paths and gs://BUCKET/…"
        ) from error


def is_dir(path: str) -> bool:
    """True if the folder exists."""
    if not is_remote(path):
        return os.path.isdir(path)
    with _remote(path) as fileio:
        return bool(fileio.isdir(path))


def exists(path: str) -> bool:
    """True if there is a file or folder of this path."""
    if not is_remote(path):
        return os.path.exists(path)
    with _remote(path) as fileio:
        return bool(fileio.exists(path))


def matching_all(root: str, pattern: str) -> list[str]:
    """Returns the paths of the files and folders below `root` that match the glob `pattern`."""
    if is_remote(root) or is_remote(pattern):
        with _remote(pattern if is_remote(pattern) else root) as fileio:
            return sorted(str(path) for path in fileio.glob(os.path.join(root, pattern)))
    return sorted(glob.glob(os.path.join(glob.escape(root), pattern)))


def children(folder: str) -> list[str]:
    """Returns the names of the files and folders directly in `folder`.

    Raises:
        DataError: If this user may not read the folder.
    """
    if is_remote(folder):
        with _remote(folder) as fileio:
            return sorted(str(name).rstrip("/") for name in fileio.listdir(folder))
    try:
        names = os.listdir(folder)
    except OSError as error:
        raise DataError(
            f"{folder}: cannot be listed ({error.strerror or error}); accepted are folders that "
            "this user may read"
        ) from error
    return sorted(names)


def open_binary(path: str) -> BinaryIO:
    """Opens a file for reading bytes.

    Raises:
        DataError: If the file may not be read, or is gone.
    """
    if is_remote(path):
        with _remote(path) as fileio:
            return cast(BinaryIO, fileio.open(path, "rb"))
    try:
        return open_regular(path)
    except OSError as error:
        raise DataError(
            f"{path}: cannot be read ({error.strerror}); accepted are files that this user may read"
        ) from error


def read_bytes(path: str, size: int = -1, offset: int = 0) -> bytes:
    """Returns `size` bytes of a file (-1: all of them) from `offset` on."""
    # Remote files are opened when they are first read.
    guard = _remote(path) if is_remote(path) else contextlib.nullcontext()
    with guard, open_binary(path) as file:
        if offset:
            file.seek(offset)
        return file.read(size) if size >= 0 else file.read()


def size(path: str) -> int:
    """Returns the size of a file in bytes."""
    if not is_remote(path):
        return os.path.getsize(path)
    with _remote(path) as fileio:
        return int(fileio.stat(path).length)


def modified_ns(path: str) -> int:
    """Returns when a file was last changed, in nanoseconds since 1970."""
    if not is_remote(path):
        return os.stat(path).st_mtime_ns
    with _remote(path) as fileio:
        return int(fileio.stat(path).mtime_nsec)


def make_dirs(folder: str) -> None:
    """Creates a folder and those above it, where they are missing."""
    if not is_remote(folder):
        os.makedirs(folder, exist_ok=True)
        return
    with _remote(folder) as fileio:
        fileio.makedirs(folder)


def create_binary(path: str) -> BinaryIO:
    """Opens a file for writing bytes; what it held before is gone."""
    if not is_remote(path):
        return open(path, "wb")
    with _remote(path) as fileio:
        if fileio.exists(path):  # some file systems would append
            fileio.remove(path)
        return cast(BinaryIO, fileio.open(path, "wb"))

"""Reading files wherever they are: local ones with the standard library, others through TFX.

TFX's file layer (which adds gs:// and its like) takes seconds to import, so it is loaded only for
paths that need it.
"""

from __future__ import annotations

import glob
import os
from typing import Any, BinaryIO, cast

from components.errors import DataError


def is_remote(path: str) -> bool:
    """True where the path names a file system other than the local one, as gs://bucket/x does."""
    return "://" in path


def _fileio() -> Any:
    from tfx.dsl.io import fileio

    return fileio


def is_dir(path: str) -> bool:
    """True if the folder exists."""
    return bool(_fileio().isdir(path)) if is_remote(path) else os.path.isdir(path)


def exists(path: str) -> bool:
    """True if there is a file or folder of this path."""
    return bool(_fileio().exists(path)) if is_remote(path) else os.path.exists(path)


def matching_all(root: str, pattern: str) -> list[str]:
    """Returns the paths of the files and folders below `root` that match the glob `pattern`."""
    if is_remote(root) or is_remote(pattern):
        return sorted(str(path) for path in _fileio().glob(os.path.join(root, pattern)))
    return sorted(glob.glob(os.path.join(glob.escape(root), pattern)))


def children(folder: str) -> list[str]:
    """Returns the names of the files and folders directly in `folder`.

    Raises:
        DataError: If this user may not read the folder.
    """
    try:
        names = _fileio().listdir(folder) if is_remote(folder) else os.listdir(folder)
    except OSError as error:
        raise DataError(
            f"{folder}: cannot be listed ({error.strerror or error}); accepted are folders that "
            "this user may read"
        ) from error
    return sorted(str(name).rstrip("/") for name in names)


def open_binary(path: str) -> BinaryIO:
    """Opens a file for reading bytes.

    Raises:
        DataError: If the file may not be read, or is gone.
    """
    if is_remote(path):
        return cast(BinaryIO, _fileio().open(path, "rb"))
    try:
        return open(path, "rb")
    except OSError as error:
        raise DataError(
            f"{path}: cannot be read ({error.strerror}); accepted are files that this user may read"
        ) from error


def read_bytes(path: str, size: int = -1, offset: int = 0) -> bytes:
    """Returns `size` bytes of a file (-1: all of them) from `offset` on."""
    with open_binary(path) as file:
        if offset:
            file.seek(offset)
        return file.read(size) if size >= 0 else file.read()


def size(path: str) -> int:
    """Returns the size of a file in bytes."""
    return int(_fileio().stat(path).length) if is_remote(path) else os.path.getsize(path)


def modified_ns(path: str) -> int:
    """Returns when a file was last changed, in nanoseconds since 1970."""
    return int(_fileio().stat(path).mtime_nsec) if is_remote(path) else os.stat(path).st_mtime_ns


def make_dirs(folder: str) -> None:
    """Creates a folder and those above it, where they are missing."""
    if is_remote(folder):
        _fileio().makedirs(folder)
    else:
        os.makedirs(folder, exist_ok=True)


def create_binary(path: str) -> BinaryIO:
    """Opens a file for writing bytes; what it held before is gone."""
    if is_remote(path):
        if exists(path):  # some file systems would append
            _fileio().remove(path)
        return cast(BinaryIO, _fileio().open(path, "wb"))
    return open(path, "wb")

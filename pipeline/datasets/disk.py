"""Room on the disk, and what is said when a folder cannot be written."""

from __future__ import annotations

import errno
import shutil
from pathlib import Path

from components.errors import DataError

_ADVICE = "free some or name another folder with --data-cache"
_FULL = (errno.ENOSPC, errno.EDQUOT)


def megabytes(size: int) -> str:
    """Returns a size in bytes as text in megabytes (10⁶ bytes)."""
    return f"{size / 1e6:.1f} MB"


def check_room(folder: Path, needed: int) -> None:
    """Looks for room for the bytes that will be written below a folder, which exists.

    Raises:
        DataError: There is less.
    """
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise DataError(
            f"{folder}: {megabytes(needed)} are needed, {megabytes(free)} are free; {_ADVICE}"
        )


def unwritable(folder: Path, error: OSError) -> DataError:
    """Returns the error to raise where writing below a folder failed."""
    if error.errno in _FULL:
        return DataError(f"{folder}: the disk is full; {_ADVICE}")
    reason = error.strerror or type(error).__name__
    return DataError(f"cannot write to {folder}: {reason}; --data-cache names another folder")

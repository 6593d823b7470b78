"""Removes what pushes and clean-ups leave behind, whatever kind of file stands there."""

from __future__ import annotations

import contextlib
import shutil
from pathlib import Path


def remove(path: Path) -> None:
    """Removes a folder with all that is in it, or a file or link, as far as that is possible.

    `shutil.rmtree` opens what it is given: it would wait for ever at a named pipe.
    """
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with contextlib.suppress(OSError):
            path.unlink()

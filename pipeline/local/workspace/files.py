"""Small files that are never half-written, and names that are too long."""

from __future__ import annotations

import errno
import os
import tempfile
from pathlib import Path

from components.errors import ConfigError, shown


def name_problem(error: BaseException) -> ConfigError | None:
    """Returns the error of a user for a name that the file system does not take; else None."""
    if isinstance(error, OSError) and error.errno == errno.ENAMETOOLONG:
        name = shown(os.fsdecode(error.filename or "a name"), quote=False)
        return ConfigError(f"{name}: longer than the names that the file system takes")
    return None


def write_aside(path: Path, text: str) -> None:
    """Writes text (UTF-8) beside `path`, then renames: readers see the old or the new, whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise

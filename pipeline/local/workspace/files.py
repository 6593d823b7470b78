"""Small files that are never half-written, and names that are too long."""

from __future__ import annotations

import errno
import os
import uuid
from pathlib import Path

from components.errors import ConfigError, shown


def name_problem(error: BaseException) -> ConfigError | None:
    """Returns the error of a user for a name that the file system does not take; else None."""
    if isinstance(error, OSError) and error.errno == errno.ENAMETOOLONG:
        name = shown(os.fsdecode(error.filename or "a name"), quote=False)
        return ConfigError(f"{name}: longer than the names that the file system takes")
    return None


def write_aside(path: Path, text: str) -> None:
    """Writes text (UTF-8) beside `path`, then renames: readers see the old or the new, whole.

    Who may read it is for the umask to say, as with any new file.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{uuid.uuid4().hex[:8]}")
    try:
        with temporary.open("x", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise

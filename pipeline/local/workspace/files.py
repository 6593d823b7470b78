"""Small files that are never half-written."""

from __future__ import annotations

import os
import uuid
from pathlib import Path


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

"""Small files that are never half-written."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path


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

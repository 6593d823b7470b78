"""The temporary directory of a run."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def temporary_directory() -> Iterator[Path]:
    """Gives the block a temporary directory of its own, which is removed after it.

    TFX and Beam leave a dozen temporary folders behind in each run.
    """
    variable, attribute = os.environ.get("TMPDIR"), tempfile.tempdir
    with tempfile.TemporaryDirectory(prefix="retrieval-", ignore_cleanup_errors=True) as folder:
        os.environ["TMPDIR"] = tempfile.tempdir = folder  # for children, and for this process
        try:
            yield Path(folder)
        finally:
            tempfile.tempdir = attribute
            if variable is None:
                del os.environ["TMPDIR"]
            else:
                os.environ["TMPDIR"] = variable

"""A run's temporary files: in a folder of their own, and gone with it."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def scratch() -> Iterator[Path]:
    """Gives the block's temporary files a new folder, removed afterwards with all that is left.

    TFX and Beam leave a dozen folders behind in each run: too many for one that runs every day.
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

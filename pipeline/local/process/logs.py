"""Sends what TFX, Beam and TensorFlow print to a file, and keeps the terminal for us."""

from __future__ import annotations

import contextlib
import logging
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO, cast

from pipeline.terminal import TolerantStream


def _open_terminal() -> TextIO:
    """Opens standard output a second time, in its own encoding."""
    encoding = sys.stdout.encoding or "utf-8"
    return os.fdopen(os.dup(1), "w", buffering=1, encoding=encoding, errors="backslashreplace")


@contextlib.contextmanager
def captured(path: Path, verbose: bool) -> Iterator[TextIO]:
    """Redirects standard output and error, of native code too, to a file.

    Args:
        path: Log file; the one of the run before is kept beside it as `<name>.1`.
        verbose: Leaves the streams as they are.

    Yields:
        A stream to the terminal (or wherever standard output went).
    """
    if verbose:
        logging.basicConfig(level=logging.INFO)
        yield sys.stdout
        return
    sys.stdout.flush()
    sys.stderr.flush()
    saved = [os.dup(1), os.dup(2)]
    terminal = cast(TextIO, TolerantStream(_open_terminal()))
    if path.exists():
        os.replace(path, path.with_suffix(".log.1"))
    log = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0o644)
    os.dup2(log, 1)
    os.dup2(log, 2)
    logging.basicConfig(level=logging.INFO)
    try:
        yield terminal
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        for target, descriptor in enumerate(saved, start=1):
            os.dup2(descriptor, target)
            os.close(descriptor)
        os.close(log)
        terminal.close()

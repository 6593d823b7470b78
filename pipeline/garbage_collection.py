"""Python's garbage collector, kept away from the objects that imports make."""

from __future__ import annotations

import contextlib
import gc
import sys
from collections.abc import Iterator

# Python's own are 700, 10 and 10: TFX and Beam make so many small objects that it looks through
# them all the time.
THRESHOLDS = (50_000, 10, 10)


@contextlib.contextmanager
def paused_for_imports() -> Iterator[None]:
    """Imports in the block without collections; what is there after it is never looked through.

    TensorFlow, Beam and TFX make millions of objects that live as long as the process. Looking for
    garbage among them is a fifth of the time of their imports, and a tenth of that of a small run.
    A block that had nothing left to import changes nothing.
    """
    modules = len(sys.modules)
    gc.disable()
    try:
        yield
    finally:
        if len(sys.modules) > modules:
            gc.freeze()
            gc.set_threshold(*THRESHOLDS)
        gc.enable()

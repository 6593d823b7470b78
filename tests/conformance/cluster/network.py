"""A network of its own for the test process and all that it starts: loopback, and nothing else."""

from __future__ import annotations

import contextlib
import ctypes
import os
import subprocess
from collections.abc import Iterator

CLONE_NEWNET = 0x40000000


@contextlib.contextmanager
def own_network() -> Iterator[None]:
    """Moves this thread, and the threads and processes that it starts, into a network of its own.

    Kubeflow's programs find one another at fixed names and ports, which are then free; and no step
    reaches anything outside. Needs root.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    before = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
    try:
        _check(libc.unshare(CLONE_NEWNET))
        subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
        yield
    finally:
        _check(libc.setns(before, CLONE_NEWNET))
        os.close(before)


def _check(result: int) -> None:
    if result:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))

"""The machine: what it is, what it can read from memory, what a process took of it."""

from __future__ import annotations

import os
import platform
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from components.package_versions import package_versions

PACKAGES = (
    "tfx",
    "tensorflow",
    "tf-keras",
    "tensorflow-recommenders",
    "numpy",
    "scipy",
    "implicit",
    "keras-tuner",
)


def describe() -> dict[str, str | int | float]:
    """Returns CPU model, cores, memory, system and the versions that matter; no names of hosts."""
    return {
        "cpu": cpu_model(),
        "cores": len(os.sched_getaffinity(0)),
        "memory_GiB": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        "python": platform.python_version(),
        **package_versions(PACKAGES),
    }


def cpu_model() -> str:
    """Returns the processor's name."""
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def peak_memory() -> int:
    """Returns the most bytes that this process has had in memory.

    Of /proc, because getrusage's maximum begins with that of the process that started this one.
    """
    return kilobytes("VmHWM") * 1024


def kilobytes(field: str, process: int | str = "self") -> int:
    """Returns what Linux says of a process's memory, in its kB, which have 1,024 bytes.

    Args:
        field: Name in /proc/PID/status, as VmRSS or RssAnon.
        process: Its id.

    Raises:
        OSError: There is no such process, or its status has no such field.
    """
    status = Path(f"/proc/{process}/status")
    for line in status.read_text(encoding="utf-8").splitlines():
        if line.startswith(f"{field}:"):
            return int(line.split()[1])
    raise OSError(f"{status} has no {field}")


def read_bandwidth(size: int = 1 << 30, repeats: int = 5) -> float:
    """Measures the bytes a second that all cores together read from memory, as STREAM does.

    Each core takes the dot product of its part of an array with itself; the best of `repeats`.

    Args:
        size: Bytes of the array; far more than the caches hold.
        repeats: Passes.
    """
    threads = len(os.sched_getaffinity(0))
    parts = np.array_split(np.ones(size // 4, dtype=np.float32), threads * 8)
    best = float("inf")
    with ThreadPoolExecutor(threads) as pool:
        for _ in range(repeats):
            start = time.perf_counter()
            list(pool.map(_read, parts))
            best = min(best, time.perf_counter() - start)
    return sum(part.nbytes for part in parts) / best


def _read(part: np.ndarray) -> float:
    return float(np.dot(part, part))

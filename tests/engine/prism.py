"""Prism, Beam's own portable engine: built from the Go module proxy, kept, run as job server."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import pytest

MODULE = "github.com/apache/beam/sdks/v2/go/cmd/prism"
# A first build downloads 200 MB of sources and compiles them.
BUILD_SECONDS = 900
START_SECONDS = 60


def cache_folder() -> Path:
    """Returns where built binaries are kept between calls."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "two-tower-prism"


def find_go() -> str | None:
    """Returns the path of the Go command, on PATH or where Go's own archive puts it."""
    return shutil.which("go") or shutil.which("/usr/local/go/bin/go")


def binary() -> Path:
    """Returns the path of Prism of the installed Beam's version, built where it is missing.

    Skips the test where there is no Go, or where Prism cannot be built.
    """
    release = version("apache-beam")
    target = cache_folder() / release / "prism"
    if target.exists():
        return target
    go = find_go()
    if not go:
        pytest.skip("no Go here: Prism, Beam's portable engine, cannot be built")
    building = target.parent / f"building-{os.getpid()}"
    building.mkdir(parents=True, exist_ok=True)
    try:
        built = subprocess.run(
            [go, "install", f"{MODULE}@v{release}"],
            env={**os.environ, "GOBIN": str(building), "GOFLAGS": "-modcacherw"},
            capture_output=True,
            text=True,
            timeout=BUILD_SECONDS,
            check=False,
        )
        if built.returncode:
            last = (built.stderr.strip().splitlines() or ["no message"])[-1]
            pytest.skip(f"Prism {release} cannot be built: {last}")
        (building / "prism").replace(target)
    except subprocess.TimeoutExpired:
        pytest.skip(f"Prism {release} was not built within {BUILD_SECONDS} s")
    finally:
        shutil.rmtree(building, ignore_errors=True)
    return target


def free_port() -> int:
    """Returns a port of loopback that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for_port(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    """Waits until something listens on a port of loopback.

    Raises:
        RuntimeError: The process that should do so ended or took too long.
    """
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    raise RuntimeError(f"nothing listens on port {port}: {log.read_text()[-2000:]}")


@contextlib.contextmanager
def job_server(folder: Path) -> Iterator[str]:
    """Runs Prism as job server; yields its address."""
    folder.mkdir()
    port, log = free_port(), folder / "prism.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [str(binary()), f"--job_port={port}", "--serve_http=false"],
            cwd=folder,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        wait_for_port(port, process, log)
        yield f"localhost:{port}"
    finally:
        process.kill()
        process.wait()

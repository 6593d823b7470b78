"""Pools of SDK workers as in a cluster: other processes, another user, a disk of their own."""

from __future__ import annotations

import contextlib
import os
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.engine.prism import free_port, wait_for_port

PROJECT = Path(__file__).parents[2]
OTHER_USER = 12345
# A worker numbers its metrics from 1, and Prism keeps one table of these numbers for all workers of
# a job: those of two workers would be mistaken for one another.
OWN_METRIC_IDS = """\
from apache_beam.runners.worker.sdk_worker import SHORT_ID_CACHE

SHORT_ID_CACHE._last_short_id = {first}
"""


def is_separate() -> bool:
    """Returns whether pools get another user and a view of their own of the disk."""
    return os.geteuid() == 0 and all(map(shutil.which, ("unshare", "mount")))


@contextlib.contextmanager
def worker_pool(folder: Path, shared: Sequence[Path], number: int) -> Iterator[str]:
    """Runs a pool of SDK workers in a directory of its own; yields its address.

    As root, the pool belongs to another user and sees of the folders for temporary files nothing
    but `shared`, and the sources read-only.
    """
    folder.mkdir()
    port, log = free_port(), folder / "pool.log"
    own = folder / "directory"
    own.mkdir()
    own.chmod(0o777)
    (own / "sitecustomize.py").write_text(OWN_METRIC_IDS.format(first=number << 24))
    serve = [sys.executable, "-m", "apache_beam.runners.worker.worker_pool_main"]
    serve.append(f"--service_port={port}")
    command = separated(serve, own, shared) if is_separate() else serve
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            cwd=own,
            env=environment(own),
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        wait_for_port(port, process, log)
        yield f"localhost:{port}"
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def environment(own: Path) -> dict[str, str]:
    """Returns the environment of a pool; it calls its workers' Python by the name `python`."""
    return {
        "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
        "PYTHONPATH": f"{own}:{PROJECT}",
        "HOME": str(own),
        "TF_USE_LEGACY_KERAS": "1",
        **{name: value for name, value in os.environ.items() if name.endswith("_THREADS")},
    }


def separated(command: Sequence[str], own: Path, shared: Sequence[Path]) -> list[str]:
    """Returns a command that runs as another user in a mount namespace of its own.

    The user namespace maps that user to the owner of the shared folders, as a volume of a cluster
    does: TensorFlow makes folders that nobody but their owner can write to, whatever the umask is.
    """
    sources = [PROJECT, Path(sys.prefix), Path(sys.base_prefix)]
    visible = [own, *shared, *sources]
    lines = ["mount --make-rprivate /", "mount -t tmpfs tmpfs /mnt"]
    for number, path in enumerate(visible):
        lines += [f"mkdir /mnt/{number}", f"mount --bind {shlex.quote(str(path))} /mnt/{number}"]
    lines += [f"mount -t tmpfs -o mode=1777 tmpfs {hidden}" for hidden in ("/tmp", "/var/tmp")]
    for number, path in enumerate(visible):
        place = shlex.quote(str(path))
        lines += [f"mkdir -p {place}", f"mount --bind /mnt/{number} {place}"]
        if path in sources:
            lines += [f"mount -o remount,bind,ro {place}"]
    lines += [f"cd {shlex.quote(str(own))}"]
    as_other = f"unshare --user --map-user={OTHER_USER} --map-group={OTHER_USER}"
    lines += [f"exec {as_other} {shlex.join(command)}"]
    return ["unshare", "--mount", "sh", "-ec", "\n".join(lines)]

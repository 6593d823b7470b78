"""Processes of the cluster: started with a view of the files of their own, waited for, stopped."""

from __future__ import annotations

import contextlib
import os
import shlex
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from tests.conformance.cluster import google_store

START_SECONDS = 600
HOSTS = (
    "localhost",
    *google_store.NAMES,
    *(
        f"{service}{domain}"
        for service in ("ml-pipeline", "metadata-grpc-service", "minio-service", "seaweedfs")
        for domain in ("", ".kubeflow", ".kubeflow.svc", ".kubeflow.svc.cluster.local")
    ),
)
SERVICE_ACCOUNT = "/run/secrets/kubernetes.io/serviceaccount"


def in_a_pod(command: Sequence[str], account: Path, hosts: Path) -> list[str]:
    """Returns a command that sees the names of the services and the account of a pod.

    Args:
        command: What is run.
        account: Folder with the token and the certificate of the Kubernetes API.
        hosts: The file /etc/hosts.
    """
    script = f"""
        mount --make-rprivate /
        mount -t tmpfs none /run
        mkdir -p {SERVICE_ACCOUNT}
        cp {shlex.quote(str(account))}/* {SERVICE_ACCOUNT}/
        mount --bind {shlex.quote(str(hosts))} /etc/hosts
        exec {shlex.join(command)}
    """
    return ["unshare", "--mount", "sh", "-ec", script]


def write_hosts(path: Path) -> Path:
    """Writes the file in which all services are on this machine."""
    path.write_text("127.0.0.1 " + " ".join(HOSTS) + "\n")
    return path


@contextlib.contextmanager
def service(
    command: Sequence[str], port: int, log: Path, environment: Mapping[str, str] | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """Runs a program while it is needed; it must listen on a port of loopback.

    Raises:
        RuntimeError: It ended or did not listen in time; with the end of its log.
    """
    with log.open("wb") as output:
        process = subprocess.Popen(
            list(command),
            env=dict(os.environ if environment is None else environment),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        _wait_for(port, process, log)
        yield process
    finally:
        stop(process)


def _wait_for(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    raise RuntimeError(f"{log.stem}: nothing listens on {port}: {log.read_text()[-3000:]}")


def stop(process: subprocess.Popen[bytes]) -> None:
    """Ends a process and what it started."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()

"""MariaDB for the API server, in a folder of its own.

Not SQLite, which the API server's own tests use: it loses tables in memory with more than one
connection. Not PostgreSQL: up to 2.17 the API server writes MySQL's dialect to it.
"""

from __future__ import annotations

import contextlib
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from tests.conformance.cluster.processes import service

PORT = 3306


def missing() -> str:
    """Returns what is not there; empty if all is."""
    return (
        ""
        if _find("mariadbd") and _find("mariadb-install-db")
        else ("there is no MariaDB (apt-get install mariadb-server)")
    )


@contextlib.contextmanager
def database(folder: Path) -> Iterator[None]:
    """Runs the server with an empty database and a root without password."""
    data = folder / "database"
    install = [_find("mariadb-install-db"), "--no-defaults", f"--datadir={data}", "--user=root"]
    install += ["--auth-root-authentication-method=normal", "--skip-test-db"]
    done = subprocess.run(install, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"mariadb-install-db: {done.stdout[-1000:]}{done.stderr[-1000:]}")
    command = [_find("mariadbd"), "--no-defaults", f"--datadir={data}", "--user=root"]
    command += [f"--socket={data}/socket", f"--pid-file={data}/pid", f"--port={PORT}"]
    command += [
        "--bind-address=127.0.0.1",
        "--skip-name-resolve",
        "--innodb-flush-log-at-trx-commit=0",
    ]
    with service(command, PORT, folder / "database.log"):
        yield


def _find(name: str) -> str:
    return shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin") or ""

"""The table of hostile files: what may stand where a file or a folder is expected."""

from __future__ import annotations

import os
import shutil
import socket
import sqlite3
from collections.abc import Callable
from pathlib import Path


def _content(content: bytes) -> Callable[[Path], None]:
    return lambda path: path.write_bytes(content) and None


def _link(target: str) -> Callable[[Path], None]:
    return lambda path: path.symlink_to(target)


def _full_folder(path: Path) -> None:
    path.mkdir()
    (path / "\x1b[2J\n").mkdir()
    (path / "x").write_text("x")


def _socket(path: Path) -> None:
    # Names of sockets are short; the folder of a test is not.
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        with socket.socket(socket.AF_UNIX) as made:
            made.bind(f"/proc/self/fd/{folder}/{path.name}")
    finally:
        os.close(folder)


def _database(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE other (x)")
    connection.commit()
    connection.close()


FILES: dict[str, Callable[[Path], object]] = {
    "nothing": lambda path: None,
    "an empty file": _content(b""),
    "zeros": _content(bytes(5000)),
    "binary": _content(bytes(range(256)) * 20),
    "text": _content(b"hello\x1b[2J\n"),
    "one long line": _content(b"x" * 2_000_000),
    "no UTF-8": _content(b"a: \xff\xfe\n"),
    "an empty object": _content(b"{}\n"),
    "a list": _content(b"[1, 2]\n"),
    "deep JSON": _content(b'{"a":' * 5000 + b"1" + b"}" * 5000 + b"\n"),
    "half of an object": _content(b'{"status": "pushed", "pus'),
    "wrong types": _content(b'{"status": 3, "pushed": [], "config": "x", "data": 1}\n'),
    "another SQLite database": _database,
    "a FIFO": os.mkfifo,
    "a socket": _socket,
    "an empty folder": os.mkdir,
    "a full folder": _full_folder,
    "a link to nothing": _link("no-such-file"),
    "a link to itself": lambda path: path.symlink_to(path),
    "a link to a device without end": _link("/dev/zero"),
    "a link to a device without room": _link("/dev/full"),
    "a link to the root": _link("/"),
}


def put(make: Callable[[Path], object], path: Path) -> None:
    """Puts a hostile file in the place of whatever is there."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    make(path)

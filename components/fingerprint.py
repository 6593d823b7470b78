"""Fingerprints that make a cache key change when code or files do."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path


def code_fingerprint(*packages: str) -> str:
    """Returns a digest of the Python sources of components, for example `trainer`.

    TFX's cache key holds a component's settings but not its code; with this among the settings a
    changed source runs again.
    """
    here = Path(__file__).parent
    sources = [path for package in packages for path in sorted((here / package).rglob("*.py"))]
    return digest((path.relative_to(here).as_posix(), path.read_bytes()) for path in sources)


def digest(parts: Iterable[tuple[str, bytes]]) -> str:
    """Returns a short hexadecimal digest of named byte strings, in the order given."""
    sha = hashlib.sha256()
    for name, content in parts:
        sha.update(f"{name}:{len(content)}:".encode())
        sha.update(content)
    return sha.hexdigest()[:16]

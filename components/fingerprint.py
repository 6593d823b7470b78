"""Fingerprints that make a cache key change when code or files do."""

from __future__ import annotations

import ast
import functools
import hashlib
from collections.abc import Iterable
from pathlib import Path

_ROOT = Path(__file__).parents[1]
# What components import of ours, and what they read beside it, as templates.
_PACKAGES = ("components", "schemas")


def code_fingerprint(package: str) -> str:
    """Returns a digest of a component's files and of every module of ours that they import.

    TFX's cache key holds a component's settings but not its code; with this among the settings a
    changed source runs again.

    Args:
        package: Name of the component's folder, for example `trainer`.
    """
    sources = sorted(_with_imports(_files_of(_ROOT / "components" / package)))
    return digest((path.relative_to(_ROOT).as_posix(), path.read_bytes()) for path in sources)


def digest(parts: Iterable[tuple[str, bytes]]) -> str:
    """Returns a short hexadecimal digest of named byte strings, in the order given."""
    sha = hashlib.sha256()
    for name, content in parts:
        sha.update(f"{name}:{len(content)}:".encode())
        sha.update(content)
    return sha.hexdigest()[:16]


def _files_of(folder: Path) -> set[Path]:
    """Returns all files of a package: templates and scripts run by path are code too."""
    return {
        path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts
    }


def _with_imports(files: set[Path]) -> set[Path]:
    """Returns the files and the modules of ours that they import, directly or not."""
    seen: set[Path] = set()
    waiting = set(files)
    while waiting:
        path = waiting.pop()
        seen.add(path)
        if path.suffix == ".py":
            waiting.update(_imports(path) - seen)
    return seen


def _imports(path: Path) -> set[Path]:
    """Returns the files of the modules of ours that a source imports, in functions too."""
    candidates = [_ROOT.joinpath(*name.split(".")) for name in _imported_names(path.read_bytes())]
    modules = (
        file for path in candidates for file in (path.with_suffix(".py"), path / "__init__.py")
    )
    return {file for file in modules if file.is_file()}


# By content: the scheduler lives long, and sources may change meanwhile.
@functools.cache
def _imported_names(source: bytes) -> frozenset[str]:
    """Returns the dotted names of ours in a source that may be modules."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
        elif isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
    return frozenset(name for name in names if name.partition(".")[0] in _PACKAGES)

"""Prints the installed packages that the server does not need, one a line.

It follows the dependencies of what the server imports (`ROOTS`) through the installed metadata, so
there is no second lock: the image of the server has the versions of the one lock.
"""

from __future__ import annotations

import importlib.metadata
import re

# What `serving` and the parts of `components` that it uses import.
ROOTS = (
    "tensorflow", "numpy", "pydantic", "fastapi", "uvicorn", "httptools", "uvloop", "orjson",
    "prometheus-client", "jinja2", "protobuf",
)  # fmt: skip


def canonical(name: str) -> str:
    """Returns a name as package indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def needed(roots: tuple[str, ...] = ROOTS) -> set[str]:
    """Returns the canonical names of the packages that `roots` lead to, themselves included.

    Requirements of extras are left out; those for other systems are not installed anyway.
    """
    found: set[str] = set()
    pending = [canonical(root) for root in roots]
    while pending:
        name = pending.pop()
        if name in found:
            continue
        try:
            requirements = importlib.metadata.requires(name) or []
        except importlib.metadata.PackageNotFoundError:
            continue
        found.add(name)
        for requirement in requirements:
            if "extra ==" not in requirement.replace("'", '"'):
                match = re.match(r"[A-Za-z0-9._-]+", requirement)
                pending.append(canonical(match[0] if match else requirement))
    return found


def surplus() -> list[str]:
    """Returns the installed packages that are not needed, in order."""
    installed = {
        canonical(distribution.metadata["Name"])
        for distribution in importlib.metadata.distributions()
    }
    return sorted(installed - needed())


if __name__ == "__main__":
    print("\n".join(surplus()))

"""Which versions of a model a folder in TensorFlow Serving's layout holds."""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path

# TensorFlow Serving reads versions as int64.
MAX_VERSION = 2**63 - 1
_VERSION = re.compile(r"[0-9]{1,19}")
# TensorFlow writes at least five digits. Anything longer than a name of nine is none of its files.
_SHARD = re.compile(r"variables\.data-([0-9]{5,9})-of-([0-9]{5,9})")


def is_version(name: str) -> bool:
    """Returns whether TensorFlow Serving takes a folder of this name for a version."""
    return _VERSION.fullmatch(name) is not None and int(name) <= MAX_VERSION


def is_complete(path: Path) -> bool:
    """Returns whether a folder holds a whole SavedModel: graph, variables index and all its shards.

    One whose copy was interrupted lacks one of them. Files of other names do not count.
    """
    variables = path / "variables"
    return (
        (path / "saved_model.pb").is_file()
        and (variables / "variables.index").is_file()
        and _has_all_shards(variables)
    )


def _has_all_shards(variables: Path) -> bool:
    """Returns whether there is every `variables.data-<i>-of-<n>` of some n."""
    found = defaultdict[int, set[int]](set)
    try:
        paths = list(variables.iterdir())
    except FileNotFoundError:  # `clean` has removed the version since the look at its index
        return False
    for path in paths:
        if (match := _SHARD.fullmatch(path.name)) and path.is_file():
            number, count = map(int, match.groups())
            if number < count:
                found[count].add(number)
    return any(len(numbers) == count for count, numbers in found.items())


def all_versions(folder: Path) -> list[tuple[int, Path]]:
    """Returns (version, path) of every version folder, complete or not, oldest first."""
    if not folder.is_dir():
        return []
    versions = [
        (int(path.name), path)
        for path in folder.iterdir()
        if is_version(path.name) and path.is_dir()
    ]
    return sorted(versions)


def find_live(folder: Path | str) -> tuple[str, Path] | None:
    """Returns the newest complete version, the one that TensorFlow Serving serves.

    Args:
        folder: `serving_model/<name>`, with one folder for each version; it need not exist.

    Returns:
        Name and path of the version; None if there is none. Incomplete versions, and folders that
        are no versions, are ignored.
    """
    for _, path in reversed(all_versions(Path(folder))):
        if is_complete(path):
            return path.name, path
    return None

"""Which pushed versions are retained; the live one always is."""

from __future__ import annotations

from pathlib import Path

from components.served_versions.removal import remove
from components.served_versions.versions import all_versions, find_live, is_complete

# Servers take only folders named by numbers for versions, so a rename removes one in one step.
_REMOVING = ".removing-"


def surplus_versions(serving: Path, keep: int) -> list[Path]:
    """Returns the complete versions beyond the newest `keep`, oldest first.

    Incomplete versions and anything else in the folder are not counted: a person should look at
    them first.

    Args:
        serving: `serving_model/<name>`.
        keep: number of versions to retain, the live one included; 0 for all.
    """
    if not keep:
        return []
    complete = [path for _, path in all_versions(serving) if is_complete(path)]
    return complete[:-keep]


def remove_versions(serving: Path, paths: list[Path]) -> list[str]:
    """Removes versions, each in one visible step; returns their names.

    The version that is live now is not removed, even if it was not yet live when the paths were
    listed.
    """
    removed = []
    for path in paths:
        live = find_live(serving)
        if live is not None and live[1] == path:
            continue
        path.rename(path.with_name(f"{_REMOVING}{path.name}"))
        removed.append(path.name)
    for path in serving.glob(f"{_REMOVING}*"):
        remove(path)
    return removed


def keep_newest(serving: Path, keep: int) -> list[str]:
    """Removes all but the newest `keep` versions (0: removes none); returns the names removed."""
    return remove_versions(serving, surplus_versions(serving, keep))

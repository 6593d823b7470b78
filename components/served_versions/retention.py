"""Which pushed versions are kept. The live one always is."""

from __future__ import annotations

import shutil
from pathlib import Path

from components.served_versions.versions import all_versions, find_live, is_complete

# Servers and `models` look at numbers only, so a version goes in one step, as it came.
_LEAVING = ".removing-"


def surplus_versions(serving: Path, keep: int) -> list[Path]:
    """Returns the complete versions beyond the newest `keep`, oldest first.

    Versions that are not whole and anything else in the folder are somebody's riddle to solve, not
    ours to delete.

    Args:
        serving: `serving_model/<name>`.
        keep: how many stay, the live one among them; 0 for all.
    """
    if not keep:
        return []
    complete = [path for _, path in all_versions(serving) if is_complete(path)]
    return complete[:-keep]


def remove_versions(serving: Path, paths: list[Path]) -> list[str]:
    """Removes versions, each from sight at once; returns their names.

    The live version is passed over, whatever has become live since the paths were chosen.
    """
    removed = []
    for path in paths:
        live = find_live(serving)
        if live is not None and live[1] == path:
            continue
        path.rename(path.with_name(f"{_LEAVING}{path.name}"))
        removed.append(path.name)
    for path in serving.glob(f"{_LEAVING}*"):
        shutil.rmtree(path, ignore_errors=True)
    return removed


def keep_newest(serving: Path, keep: int) -> list[str]:
    """Removes all but the newest `keep` versions (0: none); returns the names of those removed."""
    return remove_versions(serving, surplus_versions(serving, keep))

"""Paths that Beam and TensorFlow would read as patterns."""

from __future__ import annotations

import contextlib
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

SPECIAL = "* ? [ ] { } and \\"
_PATTERN = re.compile(r"[*?\[\]\\{}]")


def special_characters(path: Path | str) -> str:
    """Returns the characters of a path that make it a pattern, each once; "" for none."""
    return "".join(dict.fromkeys(_PATTERN.findall(str(path))))


@contextlib.contextmanager
def without_special_characters(folder: Path) -> Iterator[Path]:
    """Gives the block another path of an existing folder, without such characters.

    Raises:
        OSError: The temporary directory has such characters too.
    """
    if not special_characters(folder.absolute()):
        yield folder
        return
    with tempfile.TemporaryDirectory(prefix="literal-") as place:
        if found := special_characters(place):
            raise OSError(
                f"TMPDIR: {place} holds {' '.join(found)}, which Beam reads as a pattern; "
                f"accepted: a path without {SPECIAL}"
            )
        link = Path(place) / "folder"
        link.symlink_to(folder.absolute(), target_is_directory=True)
        yield link

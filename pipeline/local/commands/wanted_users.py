"""Which users a batch of recommendations is for."""

from __future__ import annotations

from pathlib import Path

from components.contracts.examples import USER_ID
from components.contracts.saved_model import vocabulary_file
from components.errors import ConfigError, shown
from components.regular_file import open_regular

ALL = "all"
_ACCEPTED = "accepted: a file, ids as in 1,2,3, or all"


def known_users(model: Path) -> list[str]:
    """Returns the raw ids of the users that a model knows, those with most interactions first.

    They are read from the model itself: artifacts of the run that trained it may be gone.

    Raises:
        ConfigError: The model is not one of this pipeline.
    """
    path = Path(vocabulary_file(str(model), USER_ID))
    try:
        with open_regular(path) as file:
            text = file.read().decode()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            f"live model: {model} has no list of users ({path.relative_to(model)}), so it was not "
            "pushed by this pipeline"
        ) from error
    return text.removesuffix("\n").split("\n") if text else []


def wanted_users(text: str, known: list[str]) -> list[str]:
    """Returns the ids that --users names, each once, in order.

    Args:
        text: `all` for all known users, a file with one id a line, or ids with commas between.
        known: The users whom the model knows.

    Raises:
        ConfigError: There are none.
    """
    if text == ALL:
        ids = known
    elif is_file(text):
        ids = _read_ids(Path(text))
    elif "/" in text or text.endswith(".txt"):
        raise ConfigError(f"--users: no file {shown(text)}; {_ACCEPTED}")
    else:
        ids = text.split(",")
    ids = list(dict.fromkeys(stripped for id_ in ids if (stripped := id_.strip())))
    if not ids:
        raise ConfigError(f"--users: no ids in {shown(text)}; {_ACCEPTED}")
    return ids


def is_file(text: str) -> bool:
    """Returns whether a text names a file; a list of ids may be longer than any name."""
    try:
        return Path(text).is_file()
    except (OSError, ValueError):
        return False


def _read_ids(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"--users: {path} is not a text file of ids, one a line") from error

"""Files of text that people name: regular files of bounded size."""

from __future__ import annotations

from pathlib import Path

from components.errors import ConfigError, shown
from components.regular_file import open_regular

MAX_BYTES = 1 << 20


def read_text(path: str | Path, what: str) -> str:
    """Returns the text of a file; `what` is the option or setting that named it, for messages.

    Raises:
        ConfigError: It is no regular file, cannot be read, is too large or not UTF-8.
    """
    name = shown(path, quote=False)
    try:
        with open_regular(path) as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise ConfigError(f"{what}: cannot read {name}: {error.strerror}") from error
    except ValueError as error:  # a NUL
        raise ConfigError(f"{what}: {name} is no path") from error
    if len(content) > MAX_BYTES:
        raise ConfigError(f"{what}: {name} is larger than {MAX_BYTES >> 20} MiB")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ConfigError(f"{what}: {name} is not UTF-8 text") from error

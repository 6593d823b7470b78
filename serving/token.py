"""The bearer token of the server, from a file or the environment; never printed or logged."""

from __future__ import annotations

import os
import re
from pathlib import Path

from components.errors import ConfigError, shown

VARIABLE = "SERVING_TOKEN"
# RFC 6750; shorter ones could be guessed.
_TOKEN = re.compile(r"[A-Za-z0-9._~+/=-]{16,4096}")
_MOST_BYTES = 1 << 14


def read_token(file: str) -> str:
    """Returns the token that a file holds, or without a file SERVING_TOKEN; "" for none.

    Raises:
        ConfigError: The file cannot be read, or the token is none.
    """
    where = f"serving.token_file: {shown(file, quote=False)}" if file else VARIABLE
    if file:
        try:
            with Path(file).open("rb") as stream:
                text = stream.read(_MOST_BYTES).decode("utf-8", "replace").strip()
        except (OSError, ValueError) as error:
            why = getattr(error, "strerror", None) or error
            raise ConfigError(f"{where}: cannot be read: {why}") from error
    else:
        text = os.environ.get(VARIABLE, "").strip()
        if not text:
            return ""
    if not _TOKEN.fullmatch(text):
        raise ConfigError(
            f"{where}: is no bearer token; accepted: 16 to 4096 letters, digits and ._~+/=-"
        )
    return text

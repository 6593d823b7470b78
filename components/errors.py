"""Errors that the user can correct, each explained in one line."""

from __future__ import annotations

import os
from typing import ClassVar


class StatedError(Exception):
    """An error whose text is the answer: one sentence for people, printed without a traceback."""

    exit_code: ClassVar[int] = 1


class UserError(StatedError):
    """Bad arguments, configuration or data: what is wrong, where, what would be accepted."""

    exit_code = 2


class ConfigError(UserError):
    """A setting that is unknown, of the wrong type or out of its range."""


class DataError(UserError):
    """Input data that the pipeline refuses to train on."""


class RefusedError(UserError):
    """A model that the gate or the serving check refused; nothing was pushed."""


class WorkerLostError(StatedError):
    """A machine of a training on several is gone; nothing that the user gave is wrong."""


def shown(value: object, most: int = 200, quote: bool = True) -> str:
    """Returns a value as a message holds it: in one line, printable, and of bounded length.

    Args:
        value: What a person gave.
        most: Characters; what is longer is cut, with its length.
        quote: Whether a text stands in quotation marks.
    """
    text = str(value) if isinstance(value, (str, os.PathLike)) else _repr(value)
    cut = text if len(text) <= most else text[:most]
    plain = repr(cut) if quote and isinstance(value, str) else _escape(cut)
    return plain if cut is text else f"{plain}… ({len(text):,} characters)"


def _repr(value: object) -> str:
    try:
        return repr(value)
    except (ValueError, RecursionError):  # a number of thousands of digits; a list in itself
        return f"a {type(value).__name__}"


def _escape(text: str) -> str:
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)

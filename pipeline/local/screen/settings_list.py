"""The list of all settings, for a person."""

from __future__ import annotations

from rich.table import Table

from pipeline.config.settings import describe_settings
from pipeline.terminal import AnswerScreen, plain_text


def print_settings() -> int:
    """Prints every setting with its default and meaning; returns the exit code."""
    table = Table("setting", "default", "meaning", box=None, pad_edge=False)
    for name, default, description in describe_settings():
        table.add_row(*map(plain_text, (name, str(default), description)))
    AnswerScreen().print(table)
    return 0

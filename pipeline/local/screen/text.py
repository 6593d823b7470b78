"""How lines of text get to the terminal."""

from __future__ import annotations

from rich.console import Console


def print_line(console: Console, text: str, style: str = "") -> None:
    """Prints a line as it is: no markup, no highlighting, no line breaks of our own."""
    console.print(text, style=style, markup=False, highlight=False, soft_wrap=True)


def print_error(console: Console, error: Exception, exit_code: int) -> int:
    """Prints an error in one line; returns the exit code."""
    print_line(console, f"error: {error}", "red")
    return exit_code

"""The parser of command lines, and types of arguments: durations as 30d, numbers in a range."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NoReturn

from components.errors import UserError, shown

_SECONDS = {"m": 60.0, "h": 3600.0, "d": 86400.0, "w": 7 * 86400.0}


class Parser(argparse.ArgumentParser):
    """A parser whose answer to what is wrong is one printable line of bounded length."""

    def error(self, message: str) -> NoReturn:
        """Says what is wrong on standard error and exits."""
        line = f"error: {shown(message, 500, quote=False)}; {self.prog} --help lists what there is"
        self.exit(UserError.exit_code, f"{line}\n")


def parse_duration(text: str) -> float:
    """Returns the seconds that a text such as 30d stands for.

    Raises:
        argparse.ArgumentTypeError: It is no duration.
    """
    match = re.fullmatch(r"(\d+(?:\.\d+)?)([mhdw])", text.strip(), re.ASCII)
    if match is None:
        raise argparse.ArgumentTypeError(
            f"{shown(text)} is no age; accepted: a number with m, h, d or w, as in 30d"
        )
    return float(match[1]) * _SECONDS[match[2]]


def whole_number(least: int, most: int) -> Callable[[str], int]:
    """Returns a type that accepts the whole numbers from `least` to `most`."""

    def parse(text: str) -> int:
        if not (
            text.isascii() and text.isdigit() and len(text) < 20 and least <= int(text) <= most
        ):
            raise argparse.ArgumentTypeError(
                f"{shown(text)} is not a number from {least} to {most}"
            )
        return int(text)

    return parse


def path(text: str) -> Path:
    """Returns the path that a text names.

    Raises:
        argparse.ArgumentTypeError: It is empty; the working directory is ".".
    """
    if not text.strip():
        raise argparse.ArgumentTypeError(f"{shown(text)} is no path")
    return Path(text)


def parse_line(parser: argparse.ArgumentParser, line: Sequence[str] | None) -> argparse.Namespace:
    """Returns the arguments of a command line; None is the one of the process.

    argparse takes the value of `--option=--` away before it counts values, and ends in a traceback.
    What is no UTF-8 could neither be recorded nor be named to TensorFlow.
    """
    line = sys.argv[1:] if line is None else line
    for text in line:
        if re.fullmatch(r"--[^=\s]+=--", text):
            parser.error(f"argument {text[:-3]}: '--' is no value")
        if any("\ud800" <= char <= "\udfff" for char in text):
            option = text.partition("=")[0] if text.startswith("--") else "of the command line"
            parser.error(f"argument {option}: {shown(text)} is not UTF-8")
    return parser.parse_args(line)

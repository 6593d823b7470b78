"""What both runners owe a terminal: it may be narrow-minded, be closed, or be told to do things.

Text from strangers (titles, ids, paths, messages of libraries) reaches the screen through
`print_line`, `print_text`, `plain_text` and `Screen`, which make control characters visible.
`prepare_streams` keeps a closed or full output, and characters that the terminal does not know,
from changing what a command does.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import sys
from collections.abc import Iterable
from typing import Any, TextIO

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.text import Text

_LONGEST_LINE = 4000  # characters of a line for people
_KEPT = "\n\t"
_CONTROLS = (*range(0x20), *range(0x7F, 0xA0))
# Characters that turn the direction of text, or end a line in some programs.
_INVISIBLE = (*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x2028, 0x2029, 0xFEFF)
_VISIBLE = {
    **{code: f"\\x{code:02x}" for code in _CONTROLS if chr(code) not in _KEPT},
    **{code: f"\\u{code:04x}" for code in _INVISIBLE},
}


def visible(text: str) -> str:
    """Returns text with its control characters as escapes; line ends and tabs stay."""
    return text.translate(_VISIBLE)


def plain_text(text: str, style: str = "") -> Text:
    """Returns text for a cell of a table: no markup, and control characters as escapes.

    A `Text` of rich would leave out some of them (bell, backspace, carriage return) without a word.
    """
    return Text(visible(text), style)


class Screen(Console):
    """A console that shows control characters in what it is given, and does not obey them."""

    def render(
        self, renderable: RenderableType, options: ConsoleOptions | None = None
    ) -> Iterable[Segment]:
        """Yields the segments of a renderable; only rich's own control codes are control codes."""
        for segment in super().render(renderable, options):
            if segment.control or segment.text.isprintable():
                yield segment
            else:
                yield Segment(visible(segment.text), segment.style)


class TolerantStream(io.TextIOBase):
    """A text stream that goes on where it cannot be written to, as after `| head -1`."""

    def __init__(self, stream: TextIO) -> None:
        """Wraps a stream that has a file descriptor."""
        self._stream = stream

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    @property
    def encoding(self) -> str:  # type: ignore[override]
        """The encoding of the stream."""
        return self._stream.encoding

    def write(self, text: str) -> int:
        """Writes text, or nothing where the stream is closed or its device full."""
        try:
            return self._stream.write(text)
        except (OSError, ValueError):
            self._give_up()
            return len(text)

    def flush(self) -> None:
        """Flushes the stream, where it still takes anything."""
        try:
            self._stream.flush()
        except (OSError, ValueError):
            self._give_up()

    def isatty(self) -> bool:
        """True for a terminal."""
        with contextlib.suppress(ValueError):
            return self._stream.isatty()
        return False

    def fileno(self) -> int:
        """The file descriptor."""
        return self._stream.fileno()

    def close(self) -> None:
        """Closes the stream."""
        with contextlib.suppress(OSError):
            self._stream.close()

    def _give_up(self) -> None:
        """Sends all that follows, and what is buffered, nowhere."""
        with contextlib.suppress(OSError, ValueError):
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, self._stream.fileno())
            os.close(nowhere)


def prepare_streams() -> None:
    """Lets standard output and error replace what they cannot write, and go on when closed."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:  # closed by the shell: >&-
            stream = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
            setattr(sys, name, TolerantStream(stream))


def print_line(console: Console, text: str, style: str = "") -> None:
    """Prints one line as it is: no markup, no highlighting; line ends in it are made visible."""
    if len(text) > _LONGEST_LINE:
        text = f"{text[:_LONGEST_LINE]}… ({len(text):,} characters)"
    print_text(console, text.replace("\n", "\\n"), style)


def print_text(console: Console, text: str, style: str = "") -> None:
    """Prints lines as they are: no markup, no highlighting, no line breaks of our own."""
    console.print(visible(text), style=style, markup=False, highlight=False, soft_wrap=True)


def print_json(document: Any) -> None:
    """Prints a document as JSON in ASCII, for programs, on standard output."""
    # json leaves the one control character that is ASCII and above the letters.
    print(json.dumps(document, indent=2).replace("\x7f", "\\u007f"))

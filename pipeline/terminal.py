"""What both runners owe a terminal: it may be narrow-minded, be closed, or be told to do things.

Text from strangers (titles, ids, paths, messages of libraries) reaches the screen through
`print_line`, `print_text`, `plain_text` and `Screen`, which make control characters visible, and
which raise nothing: what is shown of a result never changes it. `prepare_streams` keeps a closed or
full output, and characters that the terminal does not know, from changing what a command does.
"""

from __future__ import annotations

import contextlib
import io
import json
import logging
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, TextIO

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.text import Text

from components.errors import shown

if TYPE_CHECKING:
    from rich.live import Live
    from rich.status import Status

_LONGEST_LINE = 4000  # characters of a line for people
_LONGEST_REASON = 300
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
    """A console that shows control characters in what it is given, and does not obey them.

    An error in showing something is told in one line and changes nothing else: what a command has
    done stands, whatever becomes of the words about it.
    """

    # Whether an error in showing something stays here.
    tolerant = True

    def __init__(self, **options: Any) -> None:
        """Makes the console; the options are those of rich, by name."""
        self._told = False
        super().__init__(_environ=_with_sensible_sizes(os.environ), **options)

    def render(
        self, renderable: RenderableType, options: ConsoleOptions | None = None
    ) -> Iterable[Segment]:
        """Yields the segments of a renderable; only rich's own control codes are control codes."""
        for segment in super().render(renderable, options):
            if segment.control or segment.text.isprintable():
                yield segment
            else:
                yield Segment(visible(segment.text), segment.style)

    def print(self, *objects: Any, **options: Any) -> None:
        """Prints as rich does."""
        with self.tolerated():
            super().print(*objects, **options)

    def __exit__(self, *error: object) -> None:
        """Writes what was drawn in the block."""
        with self.tolerated():
            super().__exit__(*error)

    @contextlib.contextmanager
    def tolerated(self) -> Iterator[None]:
        """Tells of an error in the block, once, instead of raising it."""
        try:
            yield
        except Exception as error:
            if not self.tolerant:
                raise
            self._tell(error)

    @contextlib.contextmanager
    def drawing(self, make: Callable[[], Live | Status]) -> Iterator[None]:
        """Draws what `make` returns, again and again, while the block runs."""
        display = None
        with self.tolerated():
            display = make()
            display.start()
        try:
            yield
        finally:
            if display is not None:
                with self.tolerated():
                    display.stop()

    def waiting(self, text: str) -> contextlib.AbstractContextManager[None]:
        """Shows a text and that something goes on while the block runs."""
        return self.drawing(lambda: self.status(text))

    def _tell(self, error: Exception) -> None:
        """Says that something is not shown, in the log each time and on the screen once."""
        logging.getLogger(__name__).info("something could not be shown", exc_info=error)
        told, self._told = self._told, True
        if not told:
            with contextlib.suppress(Exception):
                why = shown(f"{type(error).__name__}: {error}", _LONGEST_REASON, quote=False)
                self.file.write(f"(something could not be shown: {why})\n")


class AnswerScreen(Screen):
    """A screen for commands that do nothing but show: what cannot be shown is their error."""

    tolerant = False


def _with_sensible_sizes(environment: Mapping[str, str]) -> dict[str, str]:
    """Returns the variables without the sizes of a terminal that are none.

    rich takes a width of 0, which shows nothing, or the digits of all scripts, which are none.
    """
    return {
        name: value
        for name, value in environment.items()
        if name not in ("COLUMNS", "LINES") or _is_size(value)
    }


def _is_size(text: str) -> bool:
    return text.isascii() and text.isdigit() and 0 < len(text) <= 4 and int(text) > 0


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
        with contextlib.suppress(OSError, ValueError):
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

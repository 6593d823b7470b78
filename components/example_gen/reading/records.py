"""Where the records of a text begin: a quoted value may hold line ends (RFC 4180).

A quote opens a value only at its beginning: `u"1` is an ordinary id. Lines whose quotes pair up,
each opening at the beginning of a value and closing at its end, are passed over in one vectorised
step; only the others are looked at one by one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

_LF, _QUOTE = 10, 34
# A quote that does not close within this many bytes is a fault of its own line.
MAX_RECORD_BYTES = 1 << 20
_REST_OF_QUOTED = re.compile(rb'[^"]*(?:""[^"]*)*"(?!")')


def windows_without_line_end(data: bytes, size: int) -> Iterator[int]:
    """Yields where windows of `size` bytes begin that hold no line end.

    A line of twice the size fills at least one of them.
    """
    for start in range(0, len(data) - size, size):
        if data.find(b"\n", start, start + size) < 0:
            yield start


@dataclass(frozen=True)
class Records:
    """The records of a text.

    Attributes:
        lines: int64 [n], the numbers (from 0) of the lines in which records begin.
        starts: int64 [lines + 1], where each line of the text begins, and its end.
        unclosed: Numbers of the lines with a quote that opens a value and never closes; a record
            each.
        open_from: The line in which a record begins whose quote is open at the end of the text,
            near enough to it that it may close later; None without.
    """

    lines: np.ndarray
    starts: np.ndarray
    unclosed: list[int]
    open_from: int | None = None

    @property
    def open_lines(self) -> list[int]:
        """The lines, ascending, with a quote that does not close in the text."""
        return [*self.unclosed, *([] if self.open_from is None else [self.open_from])]


def line_starts(data: bytes) -> np.ndarray:
    """Returns int64 [lines + 1]: where each line begins, and the end of the text."""
    ends = np.flatnonzero(np.frombuffer(data, np.uint8) == _LF) + 1
    starts = np.concatenate([[0], ends])
    return starts if starts[-1] == len(data) else np.append(starts, len(data))


class _Quotes:
    """Follows quotes from line to line, as pyarrow's reader does."""

    def __init__(self, delimiter: str) -> None:
        self._delimiter = delimiter.encode()
        d = re.escape(self._delimiter)
        self._closed = re.compile(
            rb'(^|%b)"[^"]*(?:""[^"]*)*"(?!")(?:(?!%b)[^\n])*(?=%b|\n?$)' % (d, d, d)
        )
        self._opened = re.compile(rb'(?:^|%b)"' % d)

    def open_after(self, line: bytes, inside: bool) -> bool:
        """Returns whether a quoted value is open at the end of a line.

        Args:
            line: With its line end.
            inside: Whether one is open at its beginning.
        """
        if inside:
            closing = _REST_OF_QUOTED.match(line)
            if closing is None:
                return True
            value_end = line.find(self._delimiter, closing.end())
            if value_end < 0:
                return False
            line = line[value_end:]
        return self._opened.search(self._closed.sub(rb"\1", line)) is not None


def _odd_lines(
    data: bytes, starts: np.ndarray, quotes: np.ndarray, delimiter: str
) -> tuple[np.ndarray, np.ndarray]:
    """Returns the numbers of lines with quotes, and which of them do not pair up."""
    letters = np.frombuffer(data, np.uint8)
    borders = np.array([_LF, ord(delimiter[-1])], np.uint8)
    before = np.where(quotes > 0, letters[quotes - 1], _LF)
    after = letters[np.minimum(quotes + 1, len(letters) - 1)]
    opens = np.isin(before, borders)
    closes = np.isin(after, borders) | (quotes == len(letters) - 1)
    line = np.searchsorted(starts, quotes, "right") - 1
    lines, first, count = np.unique(line, return_index=True, return_counts=True)
    last = first + count - 1
    opened, closed = (np.add.reduceat(x.astype(np.int64), first) for x in (opens, closes))
    pairs = (opened == closed) & (count % 2 == 0) & opens[first] & closes[last]
    return lines, ~pairs


def find_records(data: bytes, delimiter: str, every_line: bool = False) -> Records:
    """Returns where records begin in a text whose values may be quoted.

    Args:
        data: The text, from the beginning of a record on.
        delimiter: What stands between two values.
        every_line: Whether every line with quotes is looked at by itself.
    """
    starts = line_starts(data)
    quotes = np.flatnonzero(np.frombuffer(data, np.uint8) == _QUOTE)
    inner = np.zeros(len(starts) - 1, bool)
    if not len(quotes):
        return Records(np.flatnonzero(~inner), starts, [])
    lines, odd = _odd_lines(data, starts, quotes, delimiter)
    doubtful = np.flatnonzero(odd | every_line)
    follow = _Quotes(delimiter)
    unclosed: list[int] = []
    open_from = None
    done = 0
    for at in doubtful.tolist():
        if at < done:
            continue
        line = int(lines[at])
        if not follow.open_after(data[starts[line] : starts[line + 1]], False):
            continue
        closing = _closing_line(data, starts, lines, at, follow)
        if closing is not None:
            inner[line + 1 : int(lines[closing]) + 1] = True
            done = closing + 1
        elif len(data) - starts[line] > MAX_RECORD_BYTES:
            unclosed.append(line)
        else:
            open_from = line
            break
    return Records(np.flatnonzero(~inner), starts, unclosed, open_from)


def _closing_line(
    data: bytes, starts: np.ndarray, lines: np.ndarray, opening: int, follow: _Quotes
) -> int | None:
    """Returns the index in `lines` of the line in which an open value closes; None without."""
    limit = starts[lines[opening]] + MAX_RECORD_BYTES
    for at in range(opening + 1, len(lines)):
        begin, end = starts[lines[at]], starts[lines[at] + 1]
        if end > limit:
            return None
        if not follow.open_after(data[begin:end], True):
            return at
    return None


def complete_length(data: bytes, delimiter: str, quoted: bool) -> int:
    """Returns how many bytes of a text are whole records; the rest may go on after it.

    Args:
        data: The text, from the beginning of a record on.
        delimiter: What stands between two values.
        quoted: Whether values may be quoted.
    """
    last = data.rfind(b"\n") + 1
    if not quoted or b'"' not in data[:last]:
        return last
    records = find_records(data[:last], delimiter)
    return last if records.open_from is None else int(records.starts[records.open_from])

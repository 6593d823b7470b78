"""Where the records of a text begin: a quoted value may hold line ends (RFC 4180).

Only lines with an odd number of quotes can open or close such a value, so all others are passed
over in one vectorised step. A quote opens a value only at its beginning: `u"1` is an ordinary id.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

_LF, _QUOTE = 10, 34
# A quote that does not close within this many bytes is a fault of its own line.
MAX_RECORD_BYTES = 1 << 20


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


def line_starts(data: bytes) -> np.ndarray:
    """Returns int64 [lines + 1]: where each line begins, and the end of the text."""
    ends = np.flatnonzero(np.frombuffer(data, np.uint8) == _LF) + 1
    starts = np.concatenate([[0], ends])
    return starts if starts[-1] == len(data) else np.append(starts, len(data))


def _opens(line: bytes, delimiter: bytes) -> bool:
    """True where a quote opens a value of the line and does not close in it."""
    d = re.escape(delimiter)
    closed = re.sub(rb'(^|%b)"(?:[^"]|"")*"(?=%b|\r?\n?$)' % (d, d), rb"\1", line)
    return re.search(rb'(^|%b)"' % d, closed) is not None


def find_records(data: bytes, delimiter: str) -> Records:
    """Returns where records begin in a text whose values may be quoted.

    Args:
        data: The text, from the beginning of a record on.
        delimiter: What stands between two values.
    """
    starts = line_starts(data)
    count = len(starts) - 1
    quotes = np.flatnonzero(np.frombuffer(data, np.uint8) == _QUOTE)
    per_line = np.diff(np.searchsorted(quotes, starts))
    odd = np.flatnonzero(per_line % 2).tolist()
    inner = np.zeros(count, bool)
    unclosed: list[int] = []
    open_from = None
    position = 0
    separator = delimiter.encode()
    while position < len(odd):
        line = odd[position]
        position += 1
        if not _opens(data[starts[line] : starts[line + 1]], separator):
            continue
        closing = odd[position] if position < len(odd) else None
        end = starts[closing] if closing is not None else len(data)
        if end - starts[line] > MAX_RECORD_BYTES:
            unclosed.append(line)
        elif closing is None:
            open_from = line
            break
        else:
            inner[line + 1 : closing + 1] = True
            position += 1
    return Records(np.flatnonzero(~inner), starts, unclosed, open_from)


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

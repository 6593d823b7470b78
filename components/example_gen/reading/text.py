"""Text encodings of rating and movie files."""

from __future__ import annotations

import codecs

from components.errors import DataError

_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def check_encoding(head: bytes, path: str) -> None:
    """Refuses files that are not text in UTF-8 or ISO-8859-1.

    Args:
        head: The first bytes of the file.
        path: The file's path, for the message.

    Raises:
        DataError: For UTF-16 text, for binary files and for line ends of old Macs.
    """
    if head.startswith(_UTF16) or b"\0" in head:
        kind = "UTF-16 text" if head.startswith(_UTF16) else "a binary file"
        raise DataError(f"{path}: this is {kind}; accepted is text in UTF-8 or ISO-8859-1")
    if b"\r" in head and b"\n" not in head:
        raise DataError(f"{path}: lines end in CR alone; accepted are LF and CRLF")


def decode(data: bytes) -> str:
    """Decodes UTF-8, with or without byte order mark, or ISO-8859-1 where it is not valid UTF-8.

    ML-1M is ISO-8859-1 and ML-10M, though its README says otherwise, UTF-8.
    """
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("iso-8859-1")


def lines(data: bytes) -> list[str]:
    """Decodes text and splits it at line ends only (`str.splitlines` knows eight more)."""
    return decode(data).replace("\r\n", "\n").replace("\r", "\n").split("\n")


def shorten(text: str, width: int = 80) -> str:
    """Cuts text to one line of at most `width` characters that is safe to print."""
    line = "".join(char if char.isprintable() else " " for char in text).strip()
    return line if len(line) <= width else line[: width - 1] + "…"

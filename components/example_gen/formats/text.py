"""Text encodings of rating and movie files."""

from __future__ import annotations

import codecs

from components.errors import DataError

UTF8, UTF16, WINDOWS = "utf-8", "utf-16", "windows-1252"
ENCODINGS = (UTF8, UTF16, WINDOWS, "iso-8859-1")
_UTF16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def _is_utf16(head: bytes) -> bool:
    """True for UTF-16: by its mark, or where every other byte of mostly Latin text is zero."""
    if head.startswith(_UTF16_MARKS):
        return True
    sample = head[:4096]
    halves = sample[::2].count(0), sample[1::2].count(0)
    return len(sample) >= 8 and max(halves) > 0.4 * len(sample) and min(halves) == 0


def utf16_codec(head: bytes) -> str:
    """Returns the codec of UTF-16 text: by its mark, or by which half of the bytes is zero."""
    if head.startswith(_UTF16_MARKS):
        return "utf-16"
    return "utf-16-be" if head[:4096:2].count(0) > head[1:4096:2].count(0) else "utf-16-le"


def detect_encoding(head: bytes, path: str) -> str:
    """Returns the encoding of a text by its first bytes: UTF-8, UTF-16 or Windows-1252.

    Windows-1252 differs from ISO-8859-1 only in letters where that has control characters, so it
    reads both.

    Raises:
        DataError: If this is no text.
    """
    if _is_utf16(head):
        return UTF16
    if b"\0" in head:
        line = head[: head.index(b"\0")].count(b"\n") + 1
        raise DataError(
            f"{path}, line {line}: a NUL byte: this is a binary file or damaged text; accepted is "
            "text in UTF-8, UTF-16, Windows-1252 or ISO-8859-1"
        )
    return UTF8 if is_utf8(head) else WINDOWS


def is_utf8(data: bytes) -> bool:
    """True for valid UTF-8, also where the last character is cut."""
    if data.isascii():
        return True
    try:
        codecs.getincrementaldecoder("utf-8")().decode(data)
    except UnicodeDecodeError:
        return False
    return True


def decode(data: bytes, encoding: str = "") -> str:
    """Decodes text without its byte order mark.

    Args:
        data: The bytes.
        encoding: One of ENCODINGS; "": UTF-8, or Windows-1252 where it is not valid UTF-8 (ML-1M is
            ISO-8859-1 and ML-10M, though its README says otherwise, UTF-8).
    """
    if encoding in ("", UTF8):
        try:
            return data.decode("utf-8-sig")
        except UnicodeDecodeError:
            encoding = WINDOWS
    if encoding == UTF16:
        return data.decode(utf16_codec(data), "replace")
    try:
        return data.decode("cp1252")
    except UnicodeDecodeError:  # five bytes have no letter in Windows-1252
        return data.decode("iso-8859-1")


def lines(data: bytes, encoding: str = "") -> list[str]:
    """Decodes text and splits it at line ends only (`str.splitlines` knows eight more)."""
    return decode(data, encoding).replace("\r\n", "\n").replace("\r", "\n").split("\n")


def line_ends(content: str) -> str:
    """Returns LF, CRLF, CR or several of them joined by +, as text ends its lines; "" for none."""
    both = content.count("\r\n")
    counts = {
        "LF": content.count("\n") - both,
        "CRLF": both,
        "CR": content.count("\r") - both,
    }
    return " + ".join(name for name, count in counts.items() if count > 0)

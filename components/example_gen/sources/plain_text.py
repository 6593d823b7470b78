"""Text as it can be read in parts: plain, with LF or CRLF at the ends of lines, no UTF-16."""

from __future__ import annotations

import codecs
import os
from collections.abc import Iterator

from components.example_gen.formats import containers, files, text

_CHUNK = 16 << 20


def read_chunks(path: str, size: int) -> Iterator[bytes]:
    """Yields a plain file in pieces of `size` bytes."""
    with files.open_binary(path) as file:
        while chunk := file.read(size):
            yield chunk


def needs_copy(path: str, encoding: str) -> bool:
    """True for files that cannot be read in parts: compressed, UTF-16, or with CR as line end."""
    if encoding == text.UTF16 or containers.compression(files.read_bytes(path, 16)):
        return True
    before = b""
    for chunk in read_chunks(path, _CHUNK):
        joined = before + chunk
        if b"\r" in joined and joined.count(b"\r", 0, -1) != joined.count(b"\r\n"):
            return True
        before = chunk[-1:]
    return before == b"\r"


def write_copy(path: str, encoding: str, target: str) -> None:
    """Writes a file as plain text in UTF-8 with LF at the ends of lines.

    Text in other encodings of one byte is left as it is.

    Raises:
        DataError: If it is damaged.
    """
    decoder = None
    files.make_dirs(os.path.dirname(target))
    with containers.open_content(path) as source, files.create_binary(target) as copy:
        after_cr = False
        while chunk := source.read(_CHUNK):
            data = chunk
            if encoding == text.UTF16:
                codec = codecs.getincrementaldecoder(text.utf16_codec(chunk))
                decoder = decoder or codec("replace")
                data = decoder.decode(chunk).encode()
            if after_cr and data.startswith(b"\n"):
                data = data[1:]
            after_cr = data.endswith(b"\r")
            copy.write(data.replace(b"\r\n", b"\n").replace(b"\r", b"\n"))

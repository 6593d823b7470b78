"""What a file is by its first bytes, and its content without compression."""

from __future__ import annotations

import bz2
import gzip
import io
import os
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO, cast

from components.errors import DataError
from components.example_gen.formats import files

# First bytes → what it is.
_COMPRESSED = {
    b"\x1f\x8b": "gzip",
    b"BZh": "bzip2",
    b"\x28\xb5\x2f\xfd": "zstd",
    b"PK\x03\x04": "zip",
}
_REFUSED = {
    b"\xd0\xcf\x11\xe0": "an Excel workbook; save it as CSV (File, Save as, CSV UTF-8)",
    b"SQLite format 3": "an SQLite database; export the table as CSV",
    b"\x89HDF": "an HDF5 file; write the table as Parquet or CSV",
    b"\xfd7zXZ": "compressed by xz; accepted are gzip, bzip2, zstd and zip",
    b"7z\xbc\xaf": "a 7-Zip archive; accepted are gzip, bzip2, zstd and zip with one file",
    b"Rar!": "a RAR archive; accepted are gzip, bzip2, zstd and zip with one file",
    b"\x80\x04\x95": "a Python pickle; write the table as Parquet or CSV",
    b"%PDF": "a PDF document; accepted are tables as CSV, JSON lines or Parquet",
    b"ARROW1": "an Arrow file; write it as Parquet",
    b"Obj\x01": "an Avro file; write it as Parquet",
    b"ORC": "an ORC file; write it as Parquet",
}
_PARQUET = b"PAR1"
# File names end with these where the content is compressed.
SUFFIXES = (".gz", ".gzip", ".bz2", ".bzip2", ".zst", ".zstd", ".zip")
_BROKEN = (OSError, EOFError, zlib.error, zipfile.BadZipFile)


def plain_name(path: str) -> str:
    """Returns the file's name without folder and without the suffix of a compression."""
    name = os.path.basename(path)
    stem, suffix = os.path.splitext(name)
    return stem if suffix.lower() in SUFFIXES and stem else name


def compression(head: bytes) -> str:
    """Returns gzip, bzip2, zstd or zip by the first bytes of a file; "" for none of them."""
    return next((name for magic, name in _COMPRESSED.items() if head.startswith(magic)), "")


def is_parquet(head: bytes) -> bool:
    """True for the first bytes of a Parquet file."""
    return head.startswith(_PARQUET)


def check_readable(head: bytes, path: str) -> None:
    """Refuses kinds of files that are known and not read.

    Raises:
        DataError: Says what the file is and what to do.
    """
    for magic, what in _REFUSED.items():
        if head.startswith(magic):
            raise DataError(f"{path}: this is {what}")


def _zip_member(file: BinaryIO, path: str) -> BinaryIO:
    """Opens the one file of a zip archive."""
    archive = zipfile.ZipFile(file)
    names = archive.namelist()
    if "[Content_Types].xml" in names:
        raise DataError(f"{path}: this is {_REFUSED[bytes.fromhex('d0cf11e0')]}")
    members = [name for name in names if not name.endswith("/") and "__MACOSX/" not in name]
    if len(members) != 1:
        raise DataError(
            f"{path}: a zip archive of {len(members)} files; accepted is one; unpack it into a "
            "folder and name that"
        )
    info = archive.getinfo(members[0])
    if info.flag_bits & 1:
        raise DataError(f"{path}: the zip archive needs a password; accepted is one without")
    return cast(BinaryIO, archive.open(info))


def _zstd(file: BinaryIO) -> BinaryIO:
    import pyarrow as pa

    return cast(BinaryIO, pa.CompressedInputStream(pa.PythonFile(file, "r"), "zstd"))


def _decompressed(file: BinaryIO, kind: str, path: str) -> BinaryIO:
    if kind == "gzip":
        return cast(BinaryIO, gzip.GzipFile(fileobj=file))
    if kind == "bzip2":
        return cast(BinaryIO, bz2.BZ2File(file))
    if kind == "zstd":
        return _zstd(file)
    return _zip_member(file, path)


@contextmanager
def open_content(path: str) -> Iterator[BinaryIO]:
    """Opens a file for reading its content from the start, decompressed.

    Raises:
        DataError: If it may not be read, is of a kind that is not read, or is damaged; errors
            while reading inside of the block are turned into it too.
    """
    with files.open_binary(path) as file:
        head = file.read(16)
        check_readable(head, path)
        kind = compression(head)
        file.seek(0)
        if not kind:
            yield file
            return
        try:
            if not file.seekable():
                file = cast(BinaryIO, io.BytesIO(file.read()))
            yield _decompressed(file, kind, path)
        except DataError:
            raise
        except _BROKEN as error:
            raise DataError(
                f"{path}: the {kind} file is damaged or incomplete ({error}); fetch it again"
            ) from error


def read_head(path: str, size: int) -> bytes:
    """Returns up to `size` bytes from the start of a file's content, decompressed."""
    with open_content(path) as file:
        parts, missing = [], size
        while missing > 0 and (part := file.read(missing)):
            parts.append(part)
            missing -= len(part)
        return b"".join(parts)

"""Unpacks a zip that nobody vouches for into a folder beside the target, and renames that."""

from __future__ import annotations

import os
import shutil
import stat
import zipfile
import zlib
from pathlib import Path, PurePosixPath

from components.errors import DataError
from pipeline.datasets.disk import check_room, megabytes, unwritable

# The published zips hold 3 to 5 times their size; what claims far more is made to fill a disk.
MAX_RATIO = 20
MAX_MEMBERS = 1_000
_CHUNK = 1 << 20
# What zipfile raises for files that are cut off, damaged, encrypted or of an unknown method.
_DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, ValueError, OverflowError)


class _UnsafeError(Exception):
    """A zip that must not be unpacked, or has nothing to unpack."""


def find_damage(archive: Path, folder: str) -> str:
    """Reads all of a zip; returns why that folder of it cannot be unpacked, or ""."""
    try:
        with zipfile.ZipFile(archive) as opened:
            _members(opened, folder, archive.stat().st_size)
            broken = opened.testzip()
    except _UnsafeError as error:
        return str(error)
    except _DAMAGED as error:
        return f"not a complete zip: {error}"
    return f"{broken} in it is damaged" if broken else ""


def unpack(archive: Path, folder: str, target: Path) -> None:
    """Unpacks one folder of a zip; `target` appears when all of it is on the disk.

    Two calls at once for the same target would disturb each other: the caller holds a lock.

    Args:
        archive: The zip.
        folder: Folder inside it; what lies outside is left out.
        target: The folder to make.

    Raises:
        DataError: The zip is damaged, has no such folder, names a path outside of itself, holds
            links or more than MAX_RATIO times its size; or the disk is full.
    """
    aside = target.with_name(f".{target.name}.unpacking")
    shutil.rmtree(aside, ignore_errors=True)  # of a process that was killed
    try:
        aside.mkdir()
        with zipfile.ZipFile(archive) as opened:
            _unpack_members(opened, _members(opened, folder, archive.stat().st_size), aside)
        os.rename(aside / folder, target)
        _sync_folder(target.parent)
    except _UnsafeError as error:
        raise DataError(f"{archive}: {error}") from error
    except _DAMAGED as error:
        raise DataError(f"{archive}: not a complete zip: {error}") from error
    except OSError as error:
        raise unwritable(target.parent, error) from error
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _members(opened: zipfile.ZipFile, folder: str, packed: int) -> list[zipfile.ZipInfo]:
    """Returns the files of a folder inside a zip of so many bytes.

    Raises:
        _UnsafeError: A member, of whatever folder, must not be unpacked; they are too large
            together; or there is no file in the folder.
    """
    members = opened.infolist()
    for member in members:
        if reason := _refusal(member):
            raise _UnsafeError(f"{member.filename!r} in it {reason}; nothing was unpacked")
    total = sum(member.file_size for member in members)
    if total > MAX_RATIO * packed or len(members) > MAX_MEMBERS:
        raise _UnsafeError(
            f"it claims to hold {len(members)} files of {megabytes(total)}; at most "
            f"{MAX_MEMBERS} files and {MAX_RATIO} times its own size are accepted"
        )
    wanted = [m for m in members if m.filename.startswith(f"{folder}/") and not m.is_dir()]
    if not wanted:
        raise _UnsafeError(f"no folder {folder} is in it")
    return wanted


def _refusal(member: zipfile.ZipInfo) -> str:
    """Says why a member may not be unpacked; "" where it may."""
    path = PurePosixPath(member.filename)
    drive = ":" in "".join(path.parts[:1])
    if path.is_absolute() or ".." in path.parts or "\\" in member.filename or drive:
        return "leads out of the folder"
    kind = stat.S_IFMT(member.external_attr >> 16)
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        return "is a link or a device"
    return ""


def _unpack_members(opened: zipfile.ZipFile, members: list[zipfile.ZipInfo], aside: Path) -> None:
    """Writes files below `aside`; zipfile reads no more than their stated size."""
    check_room(aside, sum(member.file_size for member in members))
    for member in members:
        path = aside / member.filename
        path.parent.mkdir(parents=True, exist_ok=True)
        with opened.open(member) as source, open(path, "xb") as file:
            shutil.copyfileobj(source, file, _CHUNK)
            file.flush()
            os.fsync(file.fileno())  # before the rename, which says that they are whole


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

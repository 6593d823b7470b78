"""The folder where downloaded data sets are kept, one folder for each."""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import filelock

from components.errors import ConfigError, DataError
from pipeline.datasets.catalogue import CITATION, Dataset, find_dataset
from pipeline.datasets.disk import megabytes, unwritable
from pipeline.datasets.download import Part, Source, check_mirror, download
from pipeline.datasets.failures import TransferError
from pipeline.datasets.unpack import find_damage, unpack

# Every published zip unpacks to at least 3 times its size.
_UNPACKED_RATIO = 3
_CHUNK = 1 << 20


class Watcher(Protocol):
    """Who is told what happens."""

    def say(self, text: str) -> None:
        """Takes a line for a person."""

    def received(self, done: int, total: int | None) -> None:
        """Takes the number of bytes that are there, and that there will be, where it is known."""


def default_cache() -> Path:
    """Returns the folder in the user's cache, as the XDG base directories say.

    Raises:
        ConfigError: The user has no home.
    """
    given = os.environ.get("XDG_CACHE_HOME", "")
    try:
        base = Path(given) if os.path.isabs(given) else Path.home() / ".cache"
    except RuntimeError as error:
        raise ConfigError("there is no home folder; name a folder with --data-cache") from error
    return base / "two-tower-pipeline" / "datasets"


def find_cached(name: str, cache: Path) -> Path | None:
    """Returns the folder of a data set that is already there; None where it is not."""
    target = cache.absolute() / find_dataset(name).name
    return target if target.is_dir() else None


def ensure_dataset(name: str, cache: Path, watcher: Watcher, mirror: str = "") -> Path:
    """Returns the folder of a data set; downloads, checks and unpacks it where it is not there.

    A zip in `cache` that the user put there is used in place of a download, and stays. Processes
    that ask for the same data set wait for the first one.

    Args:
        name: Name in the catalogue.
        cache: Folder of all data sets; made where it does not exist.
        watcher: Told what happens.
        mirror: Address below which the zip is found, in place of the publisher's.

    Raises:
        ConfigError: The name or the mirror is not valid.
        DataError: The data set cannot be had, is not the published one, or there is no room.
    """
    dataset, cache = find_dataset(name), cache.absolute()
    url = f"{check_mirror(mirror)}/{dataset.file}" if mirror else dataset.url
    target = cache / dataset.name
    if target.is_dir():
        return target
    with _locked(cache, dataset.name, watcher):
        if not target.is_dir():
            _provide(dataset, target, url, watcher)
    return target


@contextlib.contextmanager
def _locked(cache: Path, name: str, watcher: Watcher) -> Iterator[None]:
    """Holds the lock of one data set; it goes with the process."""
    lock = filelock.FileLock(cache / f".{name}.lock")
    try:
        cache.mkdir(parents=True, exist_ok=True)
        try:
            lock.acquire(timeout=0)
        except filelock.Timeout:
            watcher.say(f"Waiting for another process that provides {name} …")
            lock.acquire()
    except OSError as error:
        raise unwritable(cache, error) from error
    try:
        yield
    finally:
        lock.release()


def _provide(dataset: Dataset, target: Path, url: str, watcher: Watcher) -> None:
    """Makes the folder, from the zip that the user put there or from the network."""
    by_hand = target.with_name(dataset.file)
    if by_hand.is_file():
        watcher.say(f"Unpacking {by_hand}")
        if wrong := _what_is_wrong(by_hand, dataset):
            raise DataError(f"{by_hand}: {wrong}; replace the file, or remove it to download")
        unpack(by_hand, dataset.folder, target)
    else:
        part = _fetch(dataset, target.parent, url, watcher)
        watcher.say(f"Unpacking {dataset.file} to {target}")
        unpack(part.path, dataset.folder, target)
        part.remove()
    watcher.say(f"Terms of {dataset.name}, shown once; its README is what binds: {dataset.terms}.")
    watcher.say(f"Cite: {CITATION}")


def _fetch(dataset: Dataset, cache: Path, url: str, watcher: Watcher) -> Part:
    """Downloads the zip and checks it.

    Raises:
        DataError: It cannot be had, or is not the published one; then it was removed.
    """
    part = Part(cache / f".{dataset.file}.part")
    source = Source(url, dataset.size, _UNPACKED_RATIO * (dataset.size or 0))
    for _ in range(2):
        begun = part.state()[0]
        _announce(dataset, source, begun, watcher)
        try:
            download(source, part, watcher.received)
        except TransferError as error:
            raise DataError(
                f"{error}; fetch {dataset.url} by hand, put it into {cache} and run again"
            ) from error
        wrong = _what_is_wrong(part.path, dataset)
        if not wrong:
            return part
        part.remove()
        if not begun:
            break
        watcher.say(f"{dataset.file}: {wrong}; once more from the start")
    raise DataError(f"{source.shown}: {wrong}; the file was removed")


def _announce(dataset: Dataset, source: Source, begun: int, watcher: Watcher) -> None:
    size = megabytes(dataset.size) if dataset.size else "size not published"
    rest = f", {megabytes(begun)} are there already" if begun else ""
    watcher.say(f"Downloading {source.shown} ({size}{rest})")
    if dataset.md5 is None:
        watcher.say(
            f"{dataset.name} changes now and then and has no published checksum: only whether "
            "the zip is complete is checked"
        )


def _what_is_wrong(archive: Path, dataset: Dataset) -> str:
    """Compares a zip with what is published; returns the difference, or ""."""
    try:
        size = archive.stat().st_size
        if dataset.size is not None and size != dataset.size:
            return f"the file has {size} bytes, {dataset.size} are published for it"
        if dataset.md5 is None:
            return find_damage(archive, dataset.folder)
        found = _md5(archive)
    except OSError as error:
        return f"cannot be read: {error.strerror}"
    return "" if found == dataset.md5 else f"its MD5 is {found}, {dataset.md5} is published for it"


def _md5(path: Path) -> str:
    """Returns the MD5 of a file in hexadecimal digits."""
    digest = hashlib.md5(usedforsecurity=False)
    with open(path, "rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()

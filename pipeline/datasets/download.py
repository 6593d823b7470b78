"""Transfers one file by HTTP, and goes on where an earlier transfer broke off."""

from __future__ import annotations

import itertools
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from components.errors import ConfigError, DataError
from pipeline.datasets.disk import check_room, megabytes, unwritable
from pipeline.datasets.failures import TransferError, is_lasting, reason
from pipeline.web_address import web_address

if TYPE_CHECKING:
    import requests

Progress = Callable[[int, "int | None"], None]

TRIES = 3
BACK_OFF_SECONDS = 1.0  # doubled after each try
CONNECT_SECONDS, READ_SECONDS = 10.0, 60.0
MAX_REDIRECTS = 5
# Of a file whose size is not known before.
MAX_BYTES = 256 << 20
_CHUNK = 1 << 16
_PASSING_STATUS = (408, 425, 429, 500, 502, 503, 504)
_HEADERS = {"User-Agent": "two-tower-pipeline", "Accept-Encoding": "identity"}


class _BrokenError(Exception):
    """A try that failed in a way that may pass."""


@dataclass(frozen=True)
class Source:
    """What to transfer.

    Attributes:
        url: From where.
        size: Size in bytes that it must have; None where that is not known.
        unpacked: Bytes that must be free besides, for what is done with the file afterwards.
    """

    url: str
    size: int | None = None
    unpacked: int = 0

    @property
    def shown(self) -> str:
        """The URL without the password that it may hold."""
        parts = urlsplit(self.url)
        return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()


def check_mirror(url: str) -> str:
    """Returns the address of a mirror without the last slash.

    Raises:
        ConfigError: It is not an address of the kind http://host/path.
    """
    parts = web_address(url)
    if parts is None or parts.query or parts.fragment:
        raise ConfigError("--data-mirror: an address like https://host/folder is needed")
    return url.rstrip("/")


@dataclass(frozen=True)
class Part:
    """The file that grows, and beside it what tells whether the server still has the same one."""

    path: Path

    @property
    def validator_path(self) -> Path:
        """File of the validator."""
        return self.path.with_name(f"{self.path.name}.validator")

    def state(self) -> tuple[int, str]:
        """Returns how many bytes are there, and the validator (ETag or date) for If-Range.

        Without a validator nothing is there to go on with: the two parts may be of two files.
        """
        try:
            validator = self.validator_path.read_text(encoding="latin-1")
            return (self.path.stat().st_size, validator) if validator else (0, "")
        except FileNotFoundError:
            return 0, ""

    def begin(self, validator: str) -> None:
        """Starts from the first byte."""
        self.path.unlink(missing_ok=True)
        self.validator_path.write_text(validator, encoding="latin-1")

    def remove(self) -> None:
        """Removes both files."""
        self.path.unlink(missing_ok=True)
        self.validator_path.unlink(missing_ok=True)


def download(
    source: Source, part: Part, progress: Progress, pause: Callable[[float], None] = time.sleep
) -> None:
    """Transfers the file, or the rest of it, in at most TRIES tries.

    A part that could not be completed stays for the next call.

    Args:
        source: What to transfer.
        part: Where to. A part that is there already is gone on with where the server agrees.
        progress: Told the number of bytes there are and the number there will be, if known.
        pause: Waits so many seconds.

    Raises:
        TransferError: The file cannot be had from there.
        DataError: The file has another size than it must have, or the disk is full.
    """
    with _session() as session:
        for number in range(TRIES):
            try:
                return _try(session, source, part, progress)
            except _BrokenError as error:
                broken = error
            if number + 1 < TRIES:
                pause(BACK_OFF_SECONDS * 2**number)
    raise TransferError(f"{source.shown}: {broken} (tried {TRIES} times)")


def _session() -> requests.Session:
    """Returns a session; it takes proxies and certificates from the usual variables."""
    import requests

    session = requests.Session()
    session.max_redirects = MAX_REDIRECTS
    session.headers.update(_HEADERS)
    return session


def _try(session: requests.Session, source: Source, part: Part, progress: Progress) -> None:
    """Asks once for what is missing.

    Raises:
        _BrokenError: It was not all received, and another try may do better.
    """
    offset, validator = part.state()
    if source.size is not None and offset == source.size:
        return progress(offset, source.size)
    headers = {"Range": f"bytes={offset}-", "If-Range": validator} if offset else {}
    with _failures(source):
        response = session.get(
            source.url, headers=headers, stream=True, timeout=(CONNECT_SECONDS, READ_SECONDS)
        )
    with response:
        _check_redirects(response, source)
        start = _start(response, offset, source, part)
        total = _total(response, start, source)
        _check_size(total, source)
        check_room(part.path.parent, (total or 0) - start + source.unpacked)
        try:
            if not start:
                part.begin(_validator(response))
            return _receive(response, source, part, (start, total), progress)
        except OSError as error:
            raise unwritable(part.path.parent, error) from error


@contextmanager
def _failures(source: Source) -> Iterator[None]:
    """Turns what requests raises into a TransferError, or a _BrokenError where it may pass."""
    import requests

    try:
        yield
    except requests.RequestException as error:
        if is_lasting(error):
            raise TransferError(f"{source.shown}: {reason(error)}") from error
        raise _BrokenError(reason(error)) from error
    except OSError as error:  # the file of certificates that a variable names does not exist
        raise TransferError(f"{source.shown}: {error}") from error


def _check_redirects(response: requests.Response, source: Source) -> None:
    """Raises a TransferError where a redirect gave up the protection of https."""
    schemes = [urlsplit(each.url).scheme for each in [*response.history, response]]
    if any(pair == ("https", "http") for pair in itertools.pairwise(schemes)):
        raise TransferError(f"{source.shown}: a redirect leads from https to http")


def _start(response: requests.Response, offset: int, source: Source, part: Part) -> int:
    """Returns the position in the file of the first byte of the answer."""
    status = response.status_code
    if status == 200:  # Range is not known there, or the file is another one: all of it comes
        return 0
    if status == 206 and offset:
        if _content_range(response)[0] == offset:
            return offset
        part.remove()
        raise _BrokenError("the server sent another part than it was asked for")
    if status == 416:
        part.remove()
        raise _BrokenError("the file there is shorter than the part that is here")
    answer = f"the server answered {status} {response.reason}"
    if status in _PASSING_STATUS:
        raise _BrokenError(answer)
    raise TransferError(f"{source.shown}: {answer}")


def _content_range(response: requests.Response) -> tuple[int, int | None]:
    """Returns the first position and the size of the whole; (-1, None) where it cannot be read."""
    found = re.fullmatch(
        r"bytes (\d+)-\d+/(\d+|\*)", response.headers.get("Content-Range", "").strip()
    )
    if found is None:
        return -1, None
    return int(found[1]), None if found[2] == "*" else int(found[2])


def _total(response: requests.Response, start: int, source: Source) -> int | None:
    """Returns the size of the whole file in bytes, as far as it is known."""
    if start:
        return _content_range(response)[1] or source.size
    length = response.headers.get("Content-Length", "")
    encoded = response.headers.get("Content-Encoding", "identity") != "identity"
    return int(length) if length.isdecimal() and not encoded else source.size


def _check_size(size: int | None, source: Source) -> None:
    """Raises a DataError where the size in bytes is not the published one, or beyond MAX_BYTES."""
    if source.size is not None and size != source.size:
        raise DataError(
            f"{source.shown}: the file has {size} bytes, {source.size} are published for it"
        )
    if source.size is None and (size or 0) > MAX_BYTES:
        raise DataError(
            f"{source.shown}: the file has {megabytes(size or 0)}, more than {megabytes(MAX_BYTES)}"
        )


def _validator(response: requests.Response) -> str:
    """Returns what If-Range may hold: a strong ETag, or the date of the file; "" for neither."""
    etag = response.headers.get("ETag", "")
    return etag if etag.startswith('"') else response.headers.get("Last-Modified", "")


def _receive(
    response: requests.Response,
    source: Source,
    part: Part,
    extent: tuple[int, int | None],
    progress: Progress,
) -> None:
    """Appends the body of an answer to the part.

    Raises:
        _BrokenError: It ended too early.
        DataError: It is longer than it may be.
    """
    received, total = extent
    with open(part.path, "ab") as file:
        progress(received, total)
        for chunk in _chunks(response, source):
            file.write(chunk)
            received += len(chunk)
            if received > (total or MAX_BYTES):
                file.close()
                part.remove()
                raise DataError(f"{source.shown}: more bytes came than {total or MAX_BYTES}")
            progress(received, total)
    if total is not None and received < total:
        raise _BrokenError(f"the connection ended after {received} of {total} bytes")


def _chunks(response: requests.Response, source: Source) -> Iterator[bytes]:
    with _failures(source):
        yield from response.iter_content(_CHUNK)

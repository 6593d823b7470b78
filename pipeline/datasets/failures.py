"""What went wrong in a transfer, in a few words and without secrets of URLs."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator

from components.errors import DataError


class TransferError(DataError):
    """A file that cannot be had from where it should be: no network, no such file, no answer."""


def reason(error: Exception) -> str:
    """Says why a request failed; the texts of the libraries quote URLs, with passwords in them."""
    from requests import exceptions

    known = (
        (exceptions.TooManyRedirects, "too many redirects"),
        (exceptions.InvalidProxyURL, "the address of the proxy is not valid"),
        (exceptions.InvalidSchema, "only http and https are followed"),
        (exceptions.InvalidURL, "the address is not valid"),
        (exceptions.ConnectTimeout, "no connection in time"),
        (exceptions.ReadTimeout, "no answer in time"),
    )
    for kind, text in known:
        if isinstance(error, kind):
            return text
    before = "the proxy was not reached: " if isinstance(error, exceptions.ProxyError) else ""
    return before + _cause(error)


def is_lasting(error: Exception) -> bool:
    """Tells whether another try would fail in the same way."""
    from requests import exceptions

    kinds = (exceptions.TooManyRedirects, exceptions.InvalidSchema, exceptions.InvalidURL)
    causes = (ssl.SSLCertVerificationError, socket.gaierror)
    return isinstance(error, kinds) or any(isinstance(each, causes) for each in _chain(error))


def _cause(error: Exception) -> str:
    """Returns the words of the operating system or of TLS, which quote nothing."""
    chain = list(_chain(error))
    for each in chain:
        if isinstance(each, ssl.SSLCertVerificationError):
            return f"its certificate is not valid: {each.verify_message}"
    for each in chain:
        if isinstance(each, TimeoutError):
            return "no answer in time"
        if isinstance(each, OSError) and each.strerror:
            return each.strerror
    if any("timed out" in str(each) for each in chain):
        return "no answer in time"
    return "the connection broke off"


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Yields an error and all that it holds: causes, contexts, reasons and arguments."""
    waiting: list[object] = [error]
    seen: set[int] = set()
    while waiting:
        each = waiting.pop(0)
        if not isinstance(each, BaseException) or id(each) in seen:
            continue
        seen.add(id(each))
        yield each
        waiting += [getattr(each, "reason", None), each.__cause__, each.__context__, *each.args]

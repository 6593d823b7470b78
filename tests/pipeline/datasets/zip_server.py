"""A web server with switches, and a tiny proxy, on loopback."""

from __future__ import annotations

import io
import ssl
import threading
import urllib.request
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


def make_zip(files: dict[str, str]) -> bytes:
    """Returns a zip of text files."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return buffer.getvalue()


@dataclass
class Seen:
    """One request and what was answered."""

    path: str
    headers: dict[str, str]
    status: int = 0
    sent: int = 0


@dataclass
class ZipServer:
    """What is served, and how.

    Attributes:
        body: The file, at any path.
        cuts: How many bytes the first, second … answer sends before the connection ends.
        statuses: Status codes of the first, second … answer, which have no body.
        etag: Validator; "" for none.
        ignores_range: Sends all, whatever is asked for.
        redirect: Where to send everybody.
        hides_length: Sends no Content-Length.
        waits: Set while answers may be sent; cleared to hold them back after `held` bytes.
    """

    body: bytes
    cuts: list[int] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    etag: str = '"one"'
    ignores_range: bool = False
    redirect: str = ""
    hides_length: bool = False
    held: int | None = None
    waits: threading.Event = field(default_factory=threading.Event)
    seen: list[Seen] = field(default_factory=list)
    url: str = ""

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        """Answers a GET."""
        seen = Seen(handler.path, dict(handler.headers))
        self.seen.append(seen)
        if self.redirect:
            self._send_head(handler, seen, 302, {"Location": self.redirect})
        elif self.statuses:
            self._send_head(handler, seen, self.statuses.pop(0), {"Content-Length": "0"})
        else:
            self._send_file(handler, seen)

    def _send_file(self, handler: BaseHTTPRequestHandler, seen: Seen) -> None:
        start = self._start(seen.headers)
        status, headers = (206, {}) if start else (200, {})
        if start >= len(self.body):
            self._send_head(handler, seen, 416, {"Content-Length": "0"})
            return
        if start:
            last, total = len(self.body) - 1, len(self.body)
            headers["Content-Range"] = f"bytes {start}-{last}/{total}"
        if self.etag:
            headers["ETag"] = self.etag
        if not self.hides_length:
            headers["Content-Length"] = str(len(self.body) - start)
        self._send_head(handler, seen, status, headers)
        content = self.body[start:]
        if self.cuts:
            content = content[: self.cuts.pop(0)]
        seen.sent = len(content)
        if self.held is not None:
            handler.wfile.write(content[: self.held])
            handler.wfile.flush()
            self.waits.wait(20)
            content = content[self.held :]
        handler.wfile.write(content)

    def _start(self, headers: dict[str, str]) -> int:
        same = headers.get("If-Range", self.etag) == self.etag
        if self.ignores_range or not same or "Range" not in headers:
            return 0
        return int(headers["Range"].removeprefix("bytes=").removesuffix("-"))

    def _send_head(
        self, handler: BaseHTTPRequestHandler, seen: Seen, status: int, headers: dict[str, str]
    ) -> None:
        seen.status = status
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name, value)
        handler.end_headers()


@contextmanager
def listening(answer: Any, tls: ssl.SSLContext | None = None) -> Iterator[int]:
    """Serves GETs with a function of the handler; yields the port."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            with suppress(OSError):  # where the client has gone
                answer(self)
            self.close_connection = True

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if tls is not None:
        server.socket = tls.wrap_socket(
            server.socket, server_side=True, do_handshake_on_connect=False
        )
    thread = threading.Thread(target=server.serve_forever, args=[0.01], daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def serving(server: ZipServer, host: str = "127.0.0.1") -> Iterator[ZipServer]:
    """Serves; `server.url` is the address."""
    with listening(server.answer) as port:
        server.url = f"http://{host}:{port}"
        try:
            yield server
        finally:
            server.waits.set()


@contextmanager
def proxying(real: str) -> Iterator[tuple[str, list[str]]]:
    """Runs a proxy that takes everything from `real`; yields its address and what it was asked."""
    asked: list[str] = []

    def answer(handler: BaseHTTPRequestHandler) -> None:
        asked.append(handler.path)
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(real) as response:
            body = response.read()
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    with listening(answer) as port:
        yield f"http://127.0.0.1:{port}", asked

"""An HTTP or HTTPS server on loopback, in a thread of its own while it is needed."""

from __future__ import annotations

import contextlib
import http.server
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path

_POLL_SECONDS = 0.05


@contextlib.contextmanager
def answering(
    handler: type[http.server.BaseHTTPRequestHandler],
    port: int,
    certificate: tuple[Path, Path] | None = None,
) -> Iterator[int]:
    """Answers requests by a handler; yields the port, which is found where 0 is given.

    Args:
        handler: Answers one request.
        port: Where it listens.
        certificate: Files of the certificate and of its private key, for HTTPS.
    """
    server = http.server.ThreadingHTTPServer(("127.0.0.1", port), handler)
    server.daemon_threads = True
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=[_POLL_SECONDS], daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()

"""An HTTPS server on loopback, in a thread of its own while it is needed."""

from __future__ import annotations

import contextlib
import http.server
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def serve_tls(
    handler: type[http.server.BaseHTTPRequestHandler],
    port: int,
    certificate: Path,
    private_key: Path,
) -> Iterator[int]:
    """Answers requests by a handler; yields the port, which is found where 0 is given."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", port), handler)
    server.daemon_threads = True
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, private_key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()

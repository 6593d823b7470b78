"""The even load, against a server of a few lines."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from benchmarks.steady_load import steady_load


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    asked: list[str]

    def do_GET(self) -> None:
        self.asked.append(self.path)
        status = 200 if len(self.asked) % 5 else 503
        self.send_response(status)
        body = b'{"model_version": "%d"}' % (len(self.asked) % 2) if status == 200 else b"no"
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@pytest.fixture
def address() -> Iterator[str]:
    Handler.asked = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_all_requests_are_sent_and_their_statuses_counted(address: str) -> None:
    answers = steady_load(f"{address}/users/1?k=3", 0.2, rate=100, connections=2)
    assert len(answers["seconds"]) == len(answers["status"]) == 20
    assert answers["status"].count("503") == 4
    # Of every ten answers two are refusals, four are of the one version, four of the other.
    assert [answers["version"].count(version) for version in ("", "0", "1")] == [4, 8, 8]
    assert set(Handler.asked) == {"/users/1?k=3"}
    assert min(answers["seconds"]) > 0

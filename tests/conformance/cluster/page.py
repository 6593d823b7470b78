"""A stand-in of the service of Kubeflow's page, through which people reach the API.

As its frontend/server it passes requests of the API on, and gives the logs of pods. The API server
alone does not: on a cluster for one user it asks Kubernetes for the log of a pod without naming the
namespace.
"""

from __future__ import annotations

import contextlib
import http.client
import http.server
import urllib.parse
from collections.abc import Iterator
from typing import Any

from tests.conformance.cluster.http_server import answering
from tests.conformance.cluster.kubernetes_api import NAMESPACE, Objects, RefusedError

PORT = 3000
SECONDS = 120


class Handler(http.server.BaseHTTPRequestHandler):
    """Answers requests; `objects` and the port of the API server are set by `serve`."""

    protocol_version = "HTTP/1.1"
    objects: Objects
    api_port: int

    def answer(self) -> None:
        """Answers one request."""
        asked = urllib.parse.urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if asked.path == "/k8s/pod/logs":
            code, kind, answer = self._log(dict(urllib.parse.parse_qsl(asked.query)))
        else:
            code, kind, answer = self._pass_on(body)
        self.send_response(code)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    do_GET = do_POST = do_DELETE = answer  # noqa: N815

    def _log(self, options: dict[str, str]) -> tuple[int, str, bytes]:
        try:
            if options.get("podnamespace") != NAMESPACE:
                raise RefusedError(404, "NotFound", "no such namespace")
            return 200, "text/plain", self.objects.log(options["podname"])
        except RefusedError as error:
            return 404, "text/plain", f"Could not get main container logs: {error}".encode()

    def _pass_on(self, body: bytes) -> tuple[int, str, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.api_port, timeout=SECONDS)
        kept = {key: value for key, value in self.headers.items() if key.lower() != "host"}
        with contextlib.closing(connection):
            connection.request(self.command, self.path, body, kept)
            response = connection.getresponse()
            return response.status, response.headers.get("Content-Type", ""), response.read()

    def log_message(self, *arguments: Any) -> None:
        """Prints nothing."""


@contextlib.contextmanager
def serve(objects: Objects, api_port: int, port: int = PORT) -> Iterator[int]:
    """Answers requests while it is needed; yields the port."""
    handler = type("PageHandler", (Handler,), {"objects": objects, "api_port": api_port})
    with answering(handler, port) as found:
        yield found

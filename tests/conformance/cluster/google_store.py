"""A stand-in of Google's object store, for roots of the scheme gs://.

It has the part of the JSON and XML interfaces that Kubeflow's launcher uses: uploads in one
request, reads, lists. As `storage.googleapis.com` it answers who brings a token, and as
`oauth2.googleapis.com` it gives one to the service account, whose signature it does not check.
Everything else is answered by 501 and noted in `unknown`.
"""

from __future__ import annotations

import base64
import contextlib
import http.server
import json
import re
import urllib.parse
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.conformance.cluster.http_server import answering

NAMES = ("storage.googleapis.com", "oauth2.googleapis.com")
PORT = 443
ACCOUNT = "steps@project.iam.gserviceaccount.com"
SCOPE = "https://www.googleapis.com/auth/devstorage.read_write"
_UPLOAD = re.compile(r"/upload/storage/v1/b/([^/]+)/o")
_LIST = re.compile(r"/storage/v1/b/([^/]+)/o")
_READ = re.compile(r"/([^/]+)/(.+)")


class RefusedError(Exception):
    """An answer that is no success: its code."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


@dataclass
class Store:
    """The objects of one bucket.

    Attributes:
        bucket: Its name.
        objects: Contents by name.
        tokens: Those that were given.
        unknown: Requests that have no answer here.
    """

    bucket: str
    objects: dict[str, bytes] = field(default_factory=dict)
    tokens: set[str] = field(default_factory=set)
    unknown: list[str] = field(default_factory=list)

    def give_token(self, form: str) -> bytes:
        """Returns a token for an assertion of the service account (RFC 7523).

        Raises:
            RefusedError: It is of another account, or asks for another right.
        """
        assertion = dict(urllib.parse.parse_qsl(form))["assertion"]
        claims = json.loads(base64.urlsafe_b64decode(assertion.split(".")[1] + "=="))
        if (claims["iss"], claims["scope"]) != (ACCOUNT, SCOPE):
            raise RefusedError(401)
        token = uuid.uuid4().hex
        self.tokens.add(token)
        return _json({"access_token": token, "token_type": "Bearer", "expires_in": 3600})

    def put(self, kind: str, body: bytes) -> bytes:
        """Keeps what an upload of two parts brings: description and content.

        Args:
            kind: Content-Type of the request, which names the boundary of the parts.
            body: The parts.
        """
        boundary = re.search(r'boundary="?([^";]+)', kind)
        assert boundary, kind
        parts = body.split(b"--" + boundary[1].encode())[1:3]
        described, content = (
            part.partition(b"\r\n\r\n")[2].removesuffix(b"\r\n") for part in parts
        )
        name = json.loads(described)["name"]
        self.objects[name] = content
        return _json(self._described(name))

    def listed(self, prefix: str) -> bytes:
        """Returns the description of the objects whose names begin so."""
        names = sorted(name for name in self.objects if name.startswith(prefix))
        return _json({"kind": "storage#objects", "items": [self._described(n) for n in names]})

    def _described(self, name: str) -> dict[str, Any]:
        return {
            "kind": "storage#object",
            "bucket": self.bucket,
            "name": name,
            "size": str(len(self.objects[name])),
            "generation": "1",
            "updated": "2026-01-01T00:00:00Z",
        }


class Handler(http.server.BaseHTTPRequestHandler):
    """Answers requests; `store` is set by `serve`."""

    protocol_version = "HTTP/1.1"
    store: Store

    def answer(self) -> None:
        """Answers one request."""
        code, body = 200, b""
        try:
            body = self._act(self._body())
        except RefusedError as error:
            code = error.code
        self.send_response(code)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = answer  # noqa: N815

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        chunks = []
        while size := int(self.rfile.readline(), 16):
            chunks.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(chunks)

    def _act(self, body: bytes) -> bytes:
        """Returns the body of the answer.

        Raises:
            RefusedError: There is none.
        """
        asked = urllib.parse.urlsplit(self.path)
        options = dict(urllib.parse.parse_qsl(asked.query))
        if (self.command, asked.path) == ("POST", "/token"):
            return self.store.give_token(body.decode())
        if self.headers.get("Authorization", "").removeprefix("Bearer ") not in self.store.tokens:
            raise RefusedError(401)
        path, bucket = urllib.parse.unquote(asked.path), self.store.bucket
        if (
            (self.command, options.get("uploadType")) == ("POST", "multipart")
            and (match := _UPLOAD.fullmatch(path))
            and match[1] == bucket
        ):
            return self.store.put(self.headers["Content-Type"], body)
        if self.command == "GET" and (match := _LIST.fullmatch(path)) and match[1] == bucket:
            return self.store.listed(options.get("prefix", ""))
        if self.command == "GET" and (match := _READ.fullmatch(path)) and match[1] == bucket:
            if match[2] not in self.store.objects:
                raise RefusedError(404)
            return self.store.objects[match[2]]
        self.store.unknown.append(f"{self.command} {self.path}")
        raise RefusedError(501)

    def log_message(self, *arguments: Any) -> None:
        """Prints nothing."""


def account_key(private_key: Path) -> str:
    """Returns the key of the service account, as Google's console gives it."""
    return json.dumps(
        {
            "type": "service_account",
            "client_email": ACCOUNT,
            "private_key_id": "1",
            "private_key": private_key.read_text(),
            "token_uri": f"https://{NAMES[1]}/token",
        }
    )


@contextlib.contextmanager
def serve(
    bucket: str, certificate: Path, private_key: Path, port: int = PORT
) -> Iterator[tuple[Store, int]]:
    """Answers requests while it is needed; yields the store and the port."""
    store = Store(bucket)
    handler = type("StoreHandler", (Handler,), {"store": store})
    with answering(handler, port, (certificate, private_key)) as found:
        yield store, found


def _json(thing: Any) -> bytes:
    return json.dumps(thing).encode()

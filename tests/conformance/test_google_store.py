"""The stand-in of Google's object store: tokens, uploads, reads, lists, and what it refuses."""

from __future__ import annotations

import base64
import http.client
import json
import ssl
import subprocess
import urllib.parse
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conformance.cluster import google_store

PARTS = (
    b"--x\r\nContent-Type: application/json\r\n\r\n"
    b'{"name": "a/b"}\r\n'
    b"--x\r\nContent-Type: text/plain\r\n\r\n"
    b"one\r\n\r\ntwo\r\n--x--\r\n"
)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("certificate")
    files = folder / "c.pem", folder / "k.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=x"]
    command += ["-out", str(files[0]), "-keyout", str(files[1])]
    subprocess.run(command, check=True, capture_output=True)
    return files


class Client:
    """Asks the store over HTTPS."""

    def __init__(self, port: int) -> None:
        self.port, self.token = port, ""

    def __call__(
        self, method: str, path: str, body: object = None, **headers: str
    ) -> tuple[int, bytes]:
        context = ssl._create_unverified_context()
        connection = http.client.HTTPSConnection("127.0.0.1", self.port, context=context)
        given = {"Authorization": f"Bearer {self.token}", **headers}
        connection.request(method, path, body, given, encode_chunked=True)  # type: ignore[arg-type]
        answer = connection.getresponse()
        return answer.status, answer.read()

    def sign_in(self, account: str) -> int:
        claims = json.dumps({"iss": account, "scope": google_store.SCOPE}).encode()
        assertion = f"h.{base64.urlsafe_b64encode(claims).decode().rstrip('=')}.s"
        code, body = self("POST", "/token", urllib.parse.urlencode({"assertion": assertion}))
        self.token = json.loads(body)["access_token"] if code == 200 else ""
        return code


@pytest.fixture
def store(certificate: tuple[Path, Path]) -> Iterator[tuple[google_store.Store, Client]]:
    with google_store.serve("bucket", *certificate, port=0) as (store, port):
        yield store, Client(port)


def test_nothing_is_answered_without_a_token(store: tuple[google_store.Store, Client]) -> None:
    _, ask = store
    assert ask.sign_in("somebody@else.example") == 401
    assert ask("GET", "/storage/v1/b/bucket/o")[0] == 401


def test_object_is_uploaded_read_and_listed(store: tuple[google_store.Store, Client]) -> None:
    kept, ask = store
    assert ask.sign_in(google_store.ACCOUNT) == 200
    upload = "/upload/storage/v1/b/bucket/o?uploadType=multipart"
    chunks = iter([PARTS[:20], PARTS[20:]])
    headers = {"Content-Type": "multipart/related; boundary=x", "Transfer-Encoding": "chunked"}
    assert ask("POST", upload, chunks, **headers)[0] == 200
    assert ask("GET", "/bucket/a/b") == (200, b"one\r\n\r\ntwo")
    assert ask("GET", "/bucket/a")[0] == 404
    for prefix, names in (("a/", ["a/b"]), ("b", [])):
        _, body = ask("GET", f"/storage/v1/b/bucket/o?prefix={urllib.parse.quote(prefix)}")
        assert [one["name"] for one in json.loads(body)["items"]] == names
    assert kept.unknown == []


def test_other_requests_and_buckets_are_noted(store: tuple[google_store.Store, Client]) -> None:
    kept, ask = store
    ask.sign_in(google_store.ACCOUNT)
    assert ask("GET", "/other/a")[0] == 501
    assert ask("DELETE", "/bucket/a")[0] == 501
    assert kept.unknown == ["GET /other/a", "DELETE /bucket/a"]

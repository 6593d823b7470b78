"""Every command that asks a cluster, against servers that answer anything else."""

from __future__ import annotations

import contextlib
import gzip
import socket
import socketserver
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import kubeflow_runner
from pipeline.kubeflow.client import bounded_client, connection, recurring_runs
from tests.pipeline.kubeflow.stand_in import SECRET, serve

pytestmark = pytest.mark.usefixtures("home")
LINES = {
    "submit": ["submit", "--package", "p.yaml"],
    "status": ["status"],
    "status of a namespace": ["status", "--namespace", "team"],
    "schedule": ["schedule", "--package", "p.yaml", "--cron", "0 3 * * *"],
    "list": ["schedule", "--package", "p.yaml", "--list"],
    "move": ["schedule", "--package", "p.yaml", "--move"],
    "disable": ["schedule", "--package", "p.yaml", "--disable"],
    "delete": ["schedule", "--package", "p.yaml", "--delete"],
}
# What hangs goes on after so many seconds, so that a command without a limit ends too.
LONGEST = 20.0


class Peer:
    """The server's end of one connection."""

    def __init__(self, connection: socket.socket, ended: threading.Event) -> None:
        self._connection, self._ended = connection, ended

    def send(self, content: bytes) -> None:
        self._connection.sendall(content)

    def wait(self, seconds: float) -> bool:
        """Waits; returns whether the test is not over."""
        return not self._ended.wait(seconds)


Answer = Callable[[Peer], None]


@contextlib.contextmanager
def serving(answer: Answer) -> Iterator[str]:
    """Runs a server that reads a request and then does what it is told; yields its address."""
    ended = threading.Event()

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            self.request.settimeout(LONGEST)
            with contextlib.suppress(OSError):
                self.request.recv(1 << 16)
                answer(Peer(self.request, ended))

    class Server(socketserver.ThreadingTCPServer):
        allow_reuse_address = daemon_threads = True

    server = Server(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=[0.01], daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        ended.set()
        server.shutdown()
        server.server_close()


def http(status: str, body: bytes = b"", kind: str = "application/json", more: str = "") -> Answer:
    head = (
        f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n"
        f"Connection: close\r\n{more}\r\n"
    )
    return lambda peer: peer.send(head.encode() + body)


def drip(first: bytes, each: bytes) -> Answer:
    """Sends a beginning, and then a little now and then: no single read takes long."""

    def answer(peer: Peer) -> None:
        peer.send(first)
        for _ in range(int(LONGEST / 0.05)):
            if not peer.wait(0.05):
                return
            peer.send(each)

    return answer


def say_nothing(peer: Peer) -> None:
    peer.wait(LONGEST)


HTML = b"<!doctype html><html><title>Log in</title></html>"
REFUSED = {
    "500": http("500 Internal Server Error", b"{}"),
    "500 with a message": http("500 Internal Server Error", b'{"message": "the database is gone"}'),
    "502 of a proxy": http("502 Bad Gateway", HTML, "text/html"),
    "503": http("503 Service Unavailable"),
    "404": http("404 Not Found", b"404 page not found", "text/plain"),
    "401": http("401 Unauthorized", b'{"error": "no token"}'),
    "403": http("403 Forbidden", b"\xff\xfe"),
}
GARBAGE = {
    "HTML": http("200 OK", HTML, "text/html"),
    "text": http("200 OK", b"hello"),
    "no UTF-8": http("200 OK", b"\xff\xfe\x00"),
    "half of an answer": http("200 OK", b'{"runs": ['),
    "a list": http("200 OK", b"[]"),
    "a number": http("200 OK", b"3"),
    "null": http("200 OK", b"null"),
    "a thousand brackets": http("200 OK", b"[" * 100_000),
    "a login": http("302 Found", b"", more="Location: /login\r\n"),
    "no HTTP": lambda peer: peer.send(b"SSH-2.0-OpenSSH_9.2\r\n"),
    "binary": lambda peer: peer.send(bytes(range(256)) * 10),
    "nothing": lambda peer: None,
    "a wrong length": lambda peer: peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{}"),
    "wrong chunks": lambda peer: peer.send(
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n"
    ),
    "wrong compression": http("200 OK", b"{}", more="Content-Encoding: gzip\r\n"),
}
HANGING = {
    "no answer": say_nothing,
    "headers that drip": drip(b"HTTP/1.1 200 OK\r\n", b"X-A: b\r\n"),
    "a body that drips": drip(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", b" "),
    "half of the headers": lambda peer: (peer.send(b"HTTP/1.1 200"), say_nothing(peer))[0],
}


def ask(line: list[str], host: str, capsys: pytest.CaptureFixture[str], code: int = 1) -> str:
    """Runs a command; returns what it said, which must be one sentence without a secret."""
    assert kubeflow_runner.main([*line, "--host", host]) == code
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("error: ")
    assert printed.err.count("\n") == 1
    assert printed.err.strip().isprintable()
    assert len(printed.err) < 800
    assert " object at 0x" not in printed.err
    assert SECRET not in printed.err
    return printed.err


@pytest.mark.parametrize("line", LINES.values(), ids=LINES)
@pytest.mark.parametrize("name", REFUSED)
def test_refusal_is_one_sentence(
    line: list[str], name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with serving(REFUSED[name]) as host:
        said = ask(line, host, capsys)
    assert f"the cluster refused: {name[:3]} " in said
    advice = {"4": "; check ", "5": "; look at the log of the API server"}
    assert advice[name[0]] in said


def flood(peer: Peer) -> None:
    peer.send(b"HTTP/1.1 200 OK\r\n\r\n")
    started = time.monotonic()
    while time.monotonic() - started < LONGEST and peer.wait(0):
        peer.send(b'"' + b" " * 65_536)


def test_answer_without_end_is_given_up(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounded_client, "MOST_BYTES", 1 << 20)
    with serving(flood) as host:
        said = ask(["status"], host, capsys)
    assert "more than 1,048,576 bytes" in said


def test_compressed_answer_without_end_is_given_up(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounded_client, "MOST_BYTES", 1 << 20)
    body = gzip.compress(b" " * (32 << 20))
    with serving(http("200 OK", body, more="Content-Encoding: gzip\r\n")) as host:
        said = ask(["status"], host, capsys)
    assert "more than 1,048,576 bytes" in said


def test_refusal_has_the_message_of_the_server(capsys: pytest.CaptureFixture[str]) -> None:
    with serving(REFUSED["500 with a message"]) as host:
        assert "the database is gone" in ask(["status"], host, capsys)


@pytest.mark.parametrize("line", LINES.values(), ids=LINES)
@pytest.mark.parametrize("name", GARBAGE)
def test_garbage_is_no_answer(
    line: list[str], name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with serving(GARBAGE[name]) as host:
        said = ask(line, host, capsys)
    assert host in said
    assert "check --host or KF_PIPELINES_ENDPOINT" in said


@pytest.mark.parametrize("line", LINES.values(), ids=LINES)
@pytest.mark.parametrize("name", HANGING)
def test_server_that_hangs_is_given_up(
    line: list[str], name: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounded_client, "CONNECT_SECONDS", 0.2)
    monkeypatch.setattr(bounded_client, "ANSWER_SECONDS", 0.2)
    with serving(HANGING[name]) as host:
        said = ask(line, host, capsys)
    assert "no answer in time" in said
    assert host in said


@pytest.mark.parametrize("line", LINES.values(), ids=LINES)
def test_closed_port_is_one_sentence(line: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        host = f"http://127.0.0.1:{free.getsockname()[1]}"
        said = ask(line, host, capsys)
    assert f"the cluster cannot be reached at {host}: Connection refused; check --host" in said


@pytest.mark.parametrize("host", ["http://no-such-host.invalid", "no-such-host.invalid"])
def test_host_that_is_not_there(host: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert "no-such-host.invalid" in ask(["status"], host, capsys)


def test_https_on_a_port_of_http(capsys: pytest.CaptureFixture[str]) -> None:
    with serving(http("400 Bad Request")) as host:
        said = ask(["status"], host.replace("http:", "https:"), capsys)
    assert "SSL" in said


@pytest.mark.parametrize(
    "body",
    [
        b'{"experiments": 3}',
        b'{"experiments": [3]}',
        b'{"experiments": [{"experiment_id": null, "display_name": "movielens"}]}',
        b'{"experiments": [{"display_name": "movielens"}]}',
        b'{"experiments": [{"created_at": "yesterday"}]}',
        b'{"experiments": {"a": "b"}}',
        b"{}",
    ],
)
def test_answer_of_another_shape(body: bytes, capsys: pytest.CaptureFixture[str]) -> None:
    with serving(http("200 OK", body)) as host:
        ask(["status"], host, capsys)


def test_list_without_end_is_given_up(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recurring_runs, "MOST_PAGES", 3)
    body = (
        b'{"next_page_token": "again", "experiments": '
        b'[{"experiment_id": "e", "display_name": "movielens"}]}'
    )
    with serving(http("200 OK", body)) as host:
        assert "has no end" in ask(LINES["list"], host, capsys)


@pytest.mark.parametrize(
    "host",
    [
        "",
        "http://",
        "ftp://h",
        "http://[h",
        "http://h:0",
        "http://h:99999",
        "http://h:x",
        "http://a b",
        "http://a\nb",
        "http://user:a-very-secret-token@h",
        "user:a-very-secret-token@h",
    ],
)
def test_address_that_is_none_is_an_argument(
    host: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    said = ask(["status"], host, capsys, code=2)
    assert said.startswith("error: --host: ")
    if host:
        monkeypatch.setenv(connection.HOST_VARIABLE, host)
        assert kubeflow_runner.main(["status"]) == 2
        assert capsys.readouterr().err.startswith("error: KF_PIPELINES_ENDPOINT: ")


@pytest.mark.parametrize("token", ["a-very-secret-token\nx", "a-very-secret-token\x00", "gehéim"])
def test_token_that_is_none_is_not_shown(
    token: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with contextlib.suppress(ValueError):  # a NUL cannot be in the environment
        monkeypatch.setenv(connection.TOKEN_VARIABLE, token)
        said = ask(["status"], "http://127.0.0.1:9", capsys, code=2)
        assert said.startswith("error: KF_PIPELINES_TOKEN: ")


def test_token_may_end_with_a_line_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(connection.TOKEN_VARIABLE, f"{SECRET}\n")
    with serve() as (host, state):
        assert kubeflow_runner.main(["status", "--host", host]) == 0
    assert state.tokens == {f"Bearer {SECRET}"}


@pytest.mark.parametrize("text", ["", "{", "[]", "3", "{}", '{"name": "x"}'])
def test_context_file_that_is_none(
    text: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    file = tmp_path / "context.json"
    file.write_text(text)
    monkeypatch.setattr(bounded_client.BoundedClient, "_LOCAL_KFP_CONTEXT", str(file))
    monkeypatch.setattr(bounded_client.kfp.Client, "_LOCAL_KFP_CONTEXT", str(file))
    assert str(file) in ask(["status"], "http://127.0.0.1:9", capsys, code=2)

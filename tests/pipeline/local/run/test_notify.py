"""The notification, against a server of our own on loopback."""

from __future__ import annotations

import base64
import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from pydantic import ValidationError

from components.errors import ConfigError
from pipeline.config.local import NotifyConfig
from pipeline.config.settings import load_config
from pipeline.local.run.notify import notify
from pipeline.local.run.run_record import RunRecord

OUTCOME = RunRecord(
    status="refused",
    exit_code=3,
    reason="top_100_accuracy 0.1 is below 0.22",
    pipeline="p",
    data={"root": "/secret/place", "ratings": 20, "span": 3},
    metrics={"model": {"top_100_accuracy": 0.1, "recall_at_7": 1.0}},
    gate=[{"name": "top_100_accuracy", "value": 0.1, "threshold": 0.22, "passed": False}],
    baseline_version="6",
)


@contextmanager
def serving(answer: Callable[[BaseHTTPRequestHandler], None]) -> Iterator[tuple[str, list[Any]]]:
    """Serves POSTs; yields the address and the list of bodies received."""
    received: list[Any] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            received.append((self.path, self.headers["Content-Type"], self.rfile.read(length)))
            answer(self)

        def do_GET(self) -> None:
            received.append(("GET", self.path, b""))

        def log_message(self, *_: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=[0.01], daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", received
    finally:
        server.shutdown()
        server.server_close()


def _status(code: int) -> Callable[[BaseHTTPRequestHandler], None]:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(code)
        if code == 302:
            handler.send_header("Location", "/elsewhere")
        handler.end_headers()

    return answer


def _config(url: str, seconds: float = 5.0) -> NotifyConfig:
    return NotifyConfig(webhook=url, timeout_seconds=seconds)


def test_notify_posts_status_gates_figures_and_versions() -> None:
    with serving(_status(204)) as (url, received):
        assert notify(_config(f"{url}/hook?key=s3cret"), OUTCOME, "7") == ""
    ((path, kind, content),) = received
    assert (path, kind) == ("/hook?key=s3cret", "application/json")
    body = json.loads(content)
    assert (body["status"], body["exit_code"], body["pipeline"]) == ("refused", 3, "p")
    assert body["gate"] == OUTCOME.gate
    assert body["metrics"] == {"model": {"top_100_accuracy": 0.1}}
    assert (body["pushed_version"], body["live_version"], body["baseline_version"]) == (
        None,
        "7",
        "6",
    )
    assert (body["data"]["ratings"], body["data"]["span"]) == (20, 3)
    assert "/secret/place" not in content.decode()


def test_notify_without_a_url_does_nothing() -> None:
    assert notify(NotifyConfig(), OUTCOME, "") == ""


@pytest.mark.parametrize("code", [302, 404, 500])
def test_notify_tells_a_refusal_in_one_line_without_the_secret(code: int) -> None:
    with serving(_status(code)) as (url, received):
        said = notify(_config(f"{url}/s3cret"), OUTCOME, "")
    assert said == f"notification: http://127.0.0.1 was not reached: HTTP status {code}"
    assert len(received) == 1  # no redirect was followed


def test_notify_does_not_wait_for_ever() -> None:
    release = threading.Event()
    # Who waits for the answer gets one after a minute, and then has nothing to tell.
    with serving(lambda _: release.wait(60) and None) as (url, _):
        said = notify(_config(f"{url}/s3cret", 0.2), OUTCOME, "")
        release.set()
    assert said.endswith("no answer in time")


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
def test_notify_does_not_follow_a_redirect_to_itself(code: int) -> None:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(code)
        handler.send_header("Location", f"http://{handler.headers['Host']}{handler.path}")
        handler.end_headers()

    with serving(answer) as (url, received):
        said = notify(_config(f"{url}/s3cret"), OUTCOME, "")
    assert said == f"notification: http://127.0.0.1 was not reached: HTTP status {code}"
    assert len(received) == 1


@contextmanager
def dripping(first: bytes, each: bytes) -> Iterator[str]:
    """Serves an answer that comes in small parts, and ends well after twenty seconds."""
    ended = threading.Event()
    listening = socket.create_server(("127.0.0.1", 0))

    def answer() -> None:
        peer, _ = listening.accept()
        with peer, suppress(OSError):
            peer.sendall(first)
            for _ in range(200):
                if ended.wait(0.1):
                    return
                peer.sendall(each)
            peer.sendall(b"\r\n")

    threading.Thread(target=answer, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        ended.set()
        listening.close()


@pytest.mark.parametrize(
    ("first", "each"),
    [
        (b"HTTP/1.1 204 No Content\r\n", b"X-A: b\r\n"),
        (b"HTTP/1.1 204 No Content\r\nX-A: ", b"b"),
        (b"HTTP/1.1 204 ", b"x"),
        (b"", b"H"),
        (b"", b""),
        (b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 100 Continue\r\n\r\n"),
    ],
)
def test_notify_time_is_for_the_whole_exchange(first: bytes, each: bytes) -> None:
    with dripping(first, each) as url:
        said = notify(_config(f"{url}/s3cret", 0.5), OUTCOME, "")
    assert said == "notification: http://127.0.0.1 was not reached: no answer in time"


@pytest.mark.parametrize(
    ("first", "told"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n", ""),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", ""),
        (b"HTTP/1.1 200 OK\r\n\r\n", ""),
        (b"HTTP/1.1 500 Oops\r\nContent-Length: 1000\r\n\r\n", "HTTP status 500"),
    ],
)
def test_notify_does_not_wait_for_a_body_that_drips(first: bytes, told: str) -> None:
    # The body needs twenty seconds; nobody reads it.
    with dripping(first, b"1\r\nx\r\n") as url:
        said = notify(_config(f"{url}/s3cret", 10.0), OUTCOME, "")
    assert said == (told and f"notification: http://127.0.0.1 was not reached: {told}")


@pytest.mark.parametrize(
    "answer",
    [
        b"\x00\xff garbage\r\n\r\n",
        b"SSH-2.0-OpenSSH_9\r\n",
        b"HTTP/1.1 abc X\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"y" * 100_000,
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 1000,
    ],
    ids=["garbage", "SSH", "a status of letters", "a long header", "many headers"],
)
def test_notify_says_that_an_answer_is_not_http(answer: bytes) -> None:
    with dripping(answer, b"") as url:
        said = notify(_config(f"{url}/s3cret", 10.0), OUTCOME, "")
    assert said == "notification: http://127.0.0.1 was not reached: the answer is not HTTP"


def test_notify_says_that_there_is_no_tls() -> None:
    with dripping(b"HTTP/1.1 204 No Content\r\n\r\n", b"") as url:
        said = notify(_config(f"{url.replace('http:', 'https:')}/s3cret"), OUTCOME, "")
    assert said.startswith("notification: https://127.0.0.1 was not reached: [SSL")
    assert "s3cret" not in said


@pytest.mark.parametrize("first", [b"", b"\x16\x03\x03\x40\x00"], ids=["nothing", "a part"])
def test_notify_time_is_for_the_beginning_of_tls_too(first: bytes) -> None:
    with dripping(first, first[:1]) as url:
        said = notify(_config(f"{url.replace('http:', 'https:')}/s3cret", 0.5), OUTCOME, "")
    assert said == "notification: https://127.0.0.1 was not reached: no answer in time"


@pytest.mark.parametrize(
    ("host", "told"),
    [
        ("no-such-host.invalid", ""),  # the resolver's own words
        ("a" * 70 + ".example", "no host can have this name"),
        ("\u00e4" * 70 + ".example", "no host can have this name"),
    ],
)
def test_notify_says_that_there_is_no_such_host(
    monkeypatch: pytest.MonkeyPatch, host: str, told: str
) -> None:
    look_up = socket.getaddrinfo

    def unknown(name: Any, *arguments: Any, **options: Any) -> Any:
        if name == "no-such-host.invalid":
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return look_up(name, *arguments, **options)

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    said = notify(_config(f"http://u:s3cret@{host}/s3cret"), OUTCOME, "")
    assert said.endswith(told or "Name or service not known")
    assert "s3cret" not in said


@pytest.mark.parametrize("path", ["s3cret word", "s3cret\x1b[2J", "s3cret\r\nX-Evil: 1"])
def test_notify_says_what_is_wrong_with_a_url(path: str) -> None:
    said = notify(_config(f"http://127.0.0.1:1/{path}"), OUTCOME, "")
    assert said == (
        "notification: http://127.0.0.1 was not reached: the URL holds spaces or control characters"
    )


def test_notify_survives_a_record_that_cannot_be_sent() -> None:
    record = RunRecord(metrics={"model": {"users": object()}})  # type: ignore[dict-item]
    said = notify(_config("http://127.0.0.1:1/s3cret"), record, "")
    assert said.startswith("notification: http://127.0.0.1 was not reached: ")


@pytest.mark.parametrize(
    ("user", "sent"),
    [
        ("u:s3cret", "u:s3cret"),
        ("u", "u:"),
        ("u:", "u:"),
        (":s3cret", ":s3cret"),
        ("u%40h:s%3A3%2Fcret", "u@h:s:3/cret"),
        ("é:ü", "é:ü"),
        ("u:a:b", "u:a:b"),
    ],
)
def test_notify_sends_user_and_password_of_the_url(user: str, sent: str) -> None:
    headers: list[Any] = []

    def answer(handler: BaseHTTPRequestHandler) -> None:
        headers.append((handler.headers["Authorization"], handler.headers["Host"]))
        _status(204)(handler)

    with serving(answer) as (url, received):
        host = url.removeprefix("http://")
        assert notify(_config(f"http://{user}@{host}/hook?a=b"), OUTCOME, "") == ""
    assert received[0][0] == "/hook?a=b"
    assert headers == [(f"Basic {base64.b64encode(sent.encode()).decode()}", host)]


@pytest.mark.parametrize("user", ["u:s3cret", "s3cret", "s3cret%zz:x"])
def test_notify_never_shows_user_and_password(user: str) -> None:
    with serving(_status(401)) as (url, _):
        said = notify(_config(url.replace("//", f"//{user}@")), OUTCOME, "")
    assert said == "notification: http://127.0.0.1 was not reached: HTTP status 401"


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:1/s3cret", "http://u:s3cret@127.0.0.1:1/x", "http://h/s3cret word"]
)
def test_notify_survives_an_address_that_does_not_work(url: str) -> None:
    said = notify(_config(url, 1.0), OUTCOME, "")
    assert said.startswith("notification: http://")
    assert "s3cret" not in said
    assert "\n" not in said


@pytest.mark.parametrize(
    "url", ["ftp://h/s3cret", "s3cret", "http://", "http://[s3cret", "s3:cret"]
)
def test_settings_refuse_what_is_no_url_without_repeating_it(url: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load_config(assignments=[f"notify.webhook='{url}'"])
    assert "an http:// or https:// URL is needed" in str(caught.value)
    assert "s3cret" not in str(caught.value)


def test_settings_hide_the_url_in_the_record() -> None:
    config = load_config(assignments=["notify.webhook=http://h/s3cret"])
    assert "s3cret" not in config.model_dump_json(by_alias=True)
    assert "s3cret" not in repr(config)
    assert NotifyConfig().model_dump(mode="json")["webhook"] == ""


def test_settings_refuse_a_timeout_of_nothing() -> None:
    with pytest.raises(ValidationError):
        NotifyConfig(timeout_seconds=0)

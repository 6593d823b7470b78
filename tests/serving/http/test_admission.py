"""Who comes in, and how much."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from serving.config import ServingConfig
from serving.http.admission import Admission
from serving.http.metrics import Metrics
from serving.model.holder import ModelHolder
from tests.serving.conftest import Serve

TOKEN = "a-token-of-some-length"


@pytest.mark.parametrize("path", ["/model", "/metrics", "/v1/models/tiny", "/nothing"])
def test_token_is_needed(serve: Serve, path: str) -> None:
    served = serve(token=TOKEN)
    for given in ({}, {"Authorization": "Bearer another"}, {"Authorization": TOKEN}):
        response = served.client.get(path, headers=given)
        assert response.status_code == 401
        assert response.headers["www-authenticate"] == "Bearer"
        assert "Authorization: Bearer" in response.json()["error"]
    assert served.client.get(path, headers={"Authorization": f"Bearer {TOKEN}"}).status_code != 401
    assert TOKEN not in served.log.getvalue()


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/v2/health/live", "/v2/health/ready"])
def test_health_needs_no_token(serve: Serve, path: str) -> None:
    assert serve(token=TOKEN).client.get(path).status_code == 200


def test_body_beyond_the_limit_is_refused(serve: Serve) -> None:
    served = serve(max_body_bytes=2000)
    path = "/v1/models/tiny:predict"
    fits = served.client.post(path, content=b'{"instances": ["u0"]}'.ljust(2000))
    assert fits.status_code == 200

    async def pieces() -> Any:  # without Content-Length
        for _ in range(3):
            yield b" " * 1000

    for content in (b" " * 2001, pieces()):
        response = served.client.post(path, content=content)
        assert response.status_code == 413
        assert response.json() == {"error": "the body is larger than 2,000 bytes"}


def call(app: Admission, requests: list[tuple[str, bytes]]) -> list[httpx.Response]:
    """Sends (path, body) of all requests at once."""

    async def send() -> list[httpx.Response]:
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://server") as client:
            return await asyncio.gather(
                *(client.post(path, content=body) for path, body in requests)
            )

    return asyncio.run(asyncio.wait_for(send(), 30))


def test_requests_beyond_the_limit_get_503_but_health_does_not() -> None:
    async def slow(scope: Any, receive: Any, send: Any) -> None:
        await asyncio.sleep(0.05)
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    app = Admission(slow, ServingConfig(max_requests=2), Metrics(ModelHolder()), "")
    responses = call(app, [("/a", b""), ("/b", b""), ("/c", b""), ("/healthz", b"")])
    assert [response.status_code for response in responses] == [200, 200, 503, 200]
    assert responses[2].headers["retry-after"] == "1"
    assert responses[2].json()["error"].startswith("2 requests are under way")


def test_slow_body_is_given_up(serve: Serve) -> None:
    served = serve(request_timeout_seconds=0.1)

    async def slowly() -> Any:
        yield b'{"instances"'
        await asyncio.sleep(5)
        yield b': ["u0"]}'

    response = served.client.post("/v1/models/tiny:predict", content=slowly())
    assert response.status_code == 408
    assert response.json() == {"error": "the body did not arrive within 0.1 s"}


def test_bodies_under_way_are_bounded_together(serve: Serve) -> None:
    served = serve(max_body_bytes=1500, max_bodies_bytes=2000)
    body = b'{"instances": ["u0"]}'.ljust(1200)

    async def slowly() -> Any:
        yield body[:1190]
        await asyncio.sleep(0.2)
        yield body[1190:]

    responses = served.client.send_all(
        [("POST", "/v1/models/tiny:predict", {"content": slowly()}) for _ in range(3)]
    )
    assert sorted(response.status_code for response in responses) == [200, 503, 503]
    # What was reserved is given back.
    assert served.client.post("/v1/models/tiny:predict", content=body).status_code == 200

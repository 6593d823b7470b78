"""Request ids, metrics, the access log and the headers that every answer has."""

from __future__ import annotations

import re
import secrets
import time
from typing import Any

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serving.http.access_log import AccessLog
from serving.http.metrics import Metrics

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
# What a browser may do with an answer: nothing, unless the page says otherwise.
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
_OTHER = "other"


class Observation:
    """ASGI middleware around everything else."""

    def __init__(self, app: ASGIApp, metrics: Metrics, log: AccessLog) -> None:
        """Wraps an application."""
        self._app, self._metrics, self._log = app, metrics, log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes a request on and notes its answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        start = time.perf_counter()
        request_id = _request_id(scope)
        answer: dict[str, Any] = {"status": 0, "bytes": 0}

        async def noting_send(message: Message) -> None:
            if message["type"] == "http.response.start":
                answer["status"] = message["status"]
                headers = MutableHeaders(scope=message)
                headers["X-Request-ID"] = request_id
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
            else:
                answer["bytes"] += len(message.get("body", b""))
            await send(message)

        try:
            await self._app(scope, receive, noting_send)
        except Exception as error:
            # The answer 500 has gone out; the reason is for the log only.
            self._log.failure(request_id, error)
        finally:
            self._note(scope, request_id, answer, time.perf_counter() - start)

    def _note(self, scope: Scope, request_id: str, answer: dict[str, Any], seconds: float) -> None:
        route = getattr(scope.get("route"), "path", _OTHER).replace(":path", "")
        method = scope["method"] if scope["method"] in _METHODS else _OTHER
        self._metrics.requests.labels(route, method, str(answer["status"])).inc()
        self._metrics.seconds.labels(route).observe(seconds)
        client = scope.get("client")
        self._log.event(
            "request",
            request_id=request_id,
            client=client[0] if client else None,
            method=scope["method"],
            path=scope["path"],
            status=answer["status"],
            bytes=answer["bytes"],
            ms=round(1000 * seconds, 2),
        )


_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


def _request_id(scope: Scope) -> str:
    """Returns the id that the client gave, if it is plain, or a new one."""
    for name, value in scope["headers"]:
        if name == b"x-request-id":
            given = value.decode("latin-1")
            if _REQUEST_ID.fullmatch(given):
                return given
    return secrets.token_hex(8)

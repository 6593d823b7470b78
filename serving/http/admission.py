"""Which requests come in: who may, how many at once, how large, and how long a body may take."""

from __future__ import annotations

import asyncio
import hmac

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serving import errors
from serving.config import ServingConfig
from serving.http.json_format import error_response
from serving.http.metrics import Metrics

# Health for load balancers, and the page itself, which asks for the token.
OPEN_PATHS = frozenset({"/", "/docs", "/healthz", "/readyz", "/v2/health/live", "/v2/health/ready"})
OPEN_FOLDER = "/static/"


class Admission:
    """ASGI middleware that refuses what is beyond the limits.

    Attributes:
        body_seconds: Seconds that a body may take to arrive.
    """

    def __init__(self, app: ASGIApp, config: ServingConfig, metrics: Metrics, token: str) -> None:
        """Wraps an application; requests must carry the bearer token, "" for none."""
        self._app, self._config, self._metrics = app, config, metrics
        self._expected = f"Bearer {token}".encode() if token else b""
        self.body_seconds = config.request_timeout_seconds
        self._requests = 0
        self._body_bytes = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes a request on, or refuses it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        try:
            self._check(scope)
        except errors.RefusedRequest as refused:
            response = error_response(
                refused.detail, refused.status_code, dict(refused.headers or {})
            )
            await response(scope, receive, send)
            return
        body = _Body(self, receive)
        self._requests += 1
        self._metrics.under_way.set(self._requests)
        try:
            await self._app(scope, body.receive, send)
        finally:
            self._requests -= 1
            self._body_bytes -= body.size
            self._metrics.under_way.set(self._requests)

    def _check(self, scope: Scope) -> None:
        """Refuses by what the head of a request says."""
        headers = dict(scope["headers"])
        self._check_token(scope["path"], headers.get(b"authorization", b""))
        limit = self._config.max_requests
        if self._requests >= limit and scope["path"] not in OPEN_PATHS:
            self._metrics.refused.labels("too_many").inc()
            raise errors.overloaded(f"{limit:,} requests are under way; try again in a second")
        length = headers.get(b"content-length", b"0")
        if not length.isdigit() or len(length) > 18:
            raise errors.bad_request("Content-Length is no number of bytes")
        self.check_size(int(length))

    def _check_token(self, path: str, given: bytes) -> None:
        if not self._expected or path in OPEN_PATHS or path.startswith(OPEN_FOLDER):
            return
        if not hmac.compare_digest(given, self._expected):
            raise errors.RefusedRequest(
                401,
                "the header 'Authorization: Bearer …' with the server's token is needed",
                {"WWW-Authenticate": "Bearer"},
            )

    def check_size(self, size: int) -> None:
        """Refuses a body of more bytes than the limit.

        Raises:
            RefusedRequest: 413.
        """
        limit = self._config.max_body_bytes
        if size > limit:
            raise errors.too_large(f"the body is larger than {limit:,} bytes")

    def reserve(self, count: int) -> None:
        """Counts bytes of a body while its request is under way.

        Raises:
            RefusedRequest: 503; the bodies under way are too large together.
        """
        if self._body_bytes + count > self._config.max_bodies_bytes:
            self._metrics.refused.labels("body_bytes").inc()
            raise errors.overloaded(
                "the bodies of all requests under way are too large together; try again in a second"
            )
        self._body_bytes += count


class _Body:
    """Counts the bytes of one body as they arrive, and gives up on a slow one."""

    def __init__(self, admission: Admission, receive: Receive) -> None:
        self.size = 0
        self._admission, self._receive = admission, receive
        self._complete = False
        self._deadline = 0.0

    async def receive(self) -> Message:
        """Returns the next message of the request."""
        if self._complete:
            return await self._receive()  # that the client has gone
        loop = asyncio.get_running_loop()
        self._deadline = self._deadline or loop.time() + self._admission.body_seconds
        try:
            message = await asyncio.wait_for(self._receive(), max(0, self._deadline - loop.time()))
        except asyncio.TimeoutError:
            raise errors.RefusedRequest(
                408, f"the body did not arrive within {self._admission.body_seconds:g} s"
            ) from None
        count = len(message.get("body", b""))
        self._admission.check_size(self.size + count)
        self._admission.reserve(count)
        self.size += count
        self._complete = not message.get("more_body", False)
        return message

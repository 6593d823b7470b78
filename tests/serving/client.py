"""A client of an application in this process, whose event loop runs in a thread of its own."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from typing import Any

import httpx

from serving.app import Application

SECONDS = 60.0


class Client:
    """Sends requests one after the other; `send_all` sends them at the same time."""

    def __init__(self, application: Application) -> None:
        self._application = application
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._stack = contextlib.AsyncExitStack()
        self._client = self.run(self._start())

    async def _start(self) -> httpx.AsyncClient:
        api = self._application.api
        await self._stack.enter_async_context(api.router.lifespan_context(api))
        transport = httpx.ASGITransport(self._application.asgi, raise_app_exceptions=False)
        return await self._stack.enter_async_context(
            httpx.AsyncClient(transport=transport, base_url="http://server", timeout=SECONDS)
        )

    def run(self, work: Any) -> Any:
        """Runs a coroutine on the application's loop."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(SECONDS)

    def request(self, method: str, path: str, **options: Any) -> httpx.Response:
        return self.run(self._client.request(method, path, **options))

    def get(self, path: str, **options: Any) -> httpx.Response:
        return self.request("GET", path, **options)

    def post(self, path: str, **options: Any) -> httpx.Response:
        return self.request("POST", path, **options)

    def send_all(self, requests: list[tuple[str, str, dict[str, Any]]]) -> list[httpx.Response]:
        """Sends (method, path, options) of all requests at once."""

        async def send() -> list[httpx.Response]:
            return await asyncio.gather(
                *(self._client.request(method, path, **given) for method, path, given in requests)
            )

        return self.run(send())

    def close(self) -> None:
        """Ends the application and the loop."""
        self.run(self._stack.aclose())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(SECONDS)
        self._loop.close()

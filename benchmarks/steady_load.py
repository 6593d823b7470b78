"""Requests at an even rate, over connections that stay open.

Most load generators give each connection its own clock, and all of them tick together: eight
connections then ask eight questions at once. Users do not.
"""

from __future__ import annotations

import asyncio
import re
import time
from urllib.parse import urlsplit

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_VERSION = re.compile(rb'"model_version": *"(\d+)"')


def steady_load(url: str, seconds: float, rate: int, connections: int = 16) -> dict[str, list]:
    """Asks for a URL at an even rate; what waits for a connection waits in the measured time.

    Args:
        url: http://host:port/path.
        seconds: How long.
        rate: Requests a second.
        connections: How many may be open at the same time.

    Returns:
        `seconds` of each answer, from the moment that the request was due, its `status`, and the
        `version` of the model that answered ("" where the answer does not say).
    """
    return asyncio.run(_load(url, round(seconds * rate), rate, connections))


async def _load(url: str, number: int, rate: int, connections: int) -> dict[str, list]:
    due: asyncio.Queue[float | None] = asyncio.Queue()
    answers: dict[str, list] = {"seconds": [], "status": [], "version": []}
    asking = [asyncio.create_task(_ask(url, due, answers)) for _ in range(connections)]
    start = time.perf_counter()
    for request in range(number):
        wait = start + request / rate - time.perf_counter()
        if wait > 0:
            await asyncio.sleep(wait)
        due.put_nowait(start + request / rate)
    for _ in asking:
        due.put_nowait(None)
    await asyncio.gather(*asking)
    return answers


async def _ask(url: str, due: asyncio.Queue[float | None], answers: dict[str, list]) -> None:
    """Sends what is due over one connection."""
    parts = urlsplit(url)
    path = f"{parts.path}?{parts.query}" if parts.query else parts.path
    request = f"GET {path} HTTP/1.1\r\nHost: {parts.netloc}\r\n\r\n".encode()
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    while (moment := await due.get()) is not None:
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        length = _LENGTH.search(head)
        body = await reader.readexactly(int(length[1]) if length else 0)
        version = _VERSION.search(body)
        answers["seconds"].append(time.perf_counter() - moment)
        answers["status"].append(head.split(maxsplit=2)[1].decode())
        answers["version"].append(version[1].decode() if version else "")
    writer.close()

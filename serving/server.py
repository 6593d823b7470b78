"""Runs the application on uvicorn: sockets, TLS, signals, and an end without lost requests."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any

import uvicorn

from components.errors import ConfigError, shown
from serving.app import Application
from serving.config import ServingConfig

# By itself Python changes threads every 5 ms. While a new version is loaded, which is Python for
# the most part, every answer would wait that long for its turn.
_SWITCH_SECONDS = 0.0005
BACKLOG = 2048
# Longer than load balancers keep idle connections: who closes first must not be the server, for a
# request may be under way to it at that moment.
_KEEP_ALIVE_SECONDS = 75


def bind(config: ServingConfig) -> socket.socket:
    """Opens the port.

    Raises:
        ConfigError: The address is none, or the port is taken.
    """
    try:
        family = socket.getaddrinfo(config.host, config.port, type=socket.SOCK_STREAM)[0][0]
        listening = socket.socket(family, socket.SOCK_STREAM)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((config.host, config.port))
        listening.set_inheritable(False)
    except (OSError, UnicodeError, OverflowError) as error:
        why = getattr(error, "strerror", None) or error
        raise ConfigError(
            f"serving.host, serving.port: cannot listen on {shown(config.host, quote=False)}:"
            f"{config.port}: {why}"
        ) from error
    return listening


class GracefulServer(uvicorn.Server):
    """A server whose end by a signal is no failure, and which may drain before it."""

    def __init__(self, config: uvicorn.Config, before_end: Callable[[], float]) -> None:
        """Calls `before_end` at the first signal; it returns the seconds until accepting ends."""
        super().__init__(config)
        self._before_end = before_end
        self.interrupted = False

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Ends the server at SIGTERM, SIGHUP and Ctrl-C; a second one does not wait."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        signals = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
        before = {number: signal.signal(number, self._note) for number in signals}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _note(self, number: int, frame: Any) -> None:
        if self.interrupted:
            self.should_exit = self.force_exit = True
            return
        self.interrupted = True
        seconds = self._before_end()
        if seconds:
            asyncio.get_running_loop().call_later(seconds, self._end)
        else:
            self._end()

    def _end(self) -> None:
        self.should_exit = True


def run(application: Application, config: ServingConfig, listening: socket.socket) -> None:
    """Serves until a signal comes; accepted requests are answered first.

    Raises:
        ConfigError: The certificate or its key cannot be used.
    """
    sys.setswitchinterval(_SWITCH_SECONDS)

    def before_end() -> float:
        application.inference.stopping = True
        return config.drain_seconds

    settings = uvicorn.Config(
        application.asgi,
        log_config=None,
        access_log=False,
        server_header=False,
        lifespan="on",
        http="httptools",
        ws="none",
        proxy_headers=False,
        backlog=BACKLOG,
        timeout_keep_alive=_KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=max(1, round(config.graceful_seconds)),
        ssl_certfile=config.tls_certificate or None,
        ssl_keyfile=config.tls_key or None,
    )
    try:
        settings.load()
    except OSError as error:  # ssl.SSLError too
        raise ConfigError(
            f"serving.tls_certificate, serving.tls_key: cannot be used: {error.strerror or error}"
        ) from error
    GracefulServer(settings, before_end).run(sockets=[listening])

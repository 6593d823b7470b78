"""The access log: one JSON object a line, in ASCII, so that no text can steer a terminal."""

from __future__ import annotations

import datetime
import json
import logging
import traceback
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any, TextIO

_MAX_BYTES, _KEPT = 50 << 20, 3
_LONGEST_TEXT = 300
_TRACEBACK = "traceback"  # which may be longer


class AccessLog:
    """Writes requests and events; a full disk costs lines, not answers."""

    def __init__(self, target: Path | TextIO) -> None:
        """Opens a stream, or a file of which the newest 50 MB and three older ones are kept."""
        handler: logging.Handler
        if isinstance(target, Path):
            target.parent.mkdir(parents=True, exist_ok=True)
            handler = RotatingFileHandler(target, maxBytes=_MAX_BYTES, backupCount=_KEPT)
        else:
            handler = logging.StreamHandler(target)
        handler.setFormatter(logging.Formatter("%(message)s"))
        handler.handleError = lambda record: None  # type: ignore[method-assign]
        self._logger = logging.Logger("serving.access", logging.INFO)
        self._logger.addHandler(handler)

    def event(self, event: str, **facts: Any) -> None:
        """Notes a request that was answered, or a model that was loaded, swapped, failed."""
        now = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="milliseconds")
        cut = {
            key: value[:_LONGEST_TEXT] if isinstance(value, str) and key != _TRACEBACK else value
            for key, value in facts.items()
        }
        self._logger.info("%s", json.dumps({"time": now, "event": event, **cut}))

    def failure(self, request_id: str, error: BaseException) -> None:
        """Notes an error of the server itself, with its traceback."""
        text = "".join(traceback.format_exception(error))
        self.event("internal_error", request_id=request_id, **{_TRACEBACK: text})

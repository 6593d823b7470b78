"""Posts the end of a run to a webhook. Nothing that happens here changes the result."""

from __future__ import annotations

import base64
import http.client
import json
import urllib.error
import urllib.request
from typing import Any
from urllib.parse import unquote, urlsplit, urlunsplit

from components.deadline import within
from pipeline.config.local import NotifyConfig
from pipeline.local.run.run_record import RunRecord

_FIGURES = (
    "top_100_accuracy",
    "unseen_top_100_accuracy",
    "popularity_top_100_accuracy",
    "unseen_popularity_top_100_accuracy",
    "ndcg_at_10",
    "users",
)
# What some errors mean, the narrower kinds first.
_SENTENCES: dict[type[Exception], str] = {
    http.client.InvalidURL: "the URL holds spaces or control characters",
    http.client.HTTPException: "the answer is not HTTP",
    UnicodeError: "no host can have this name",
}


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Follows no redirect: it would turn the POST into a GET, to a host that nobody named."""

    def redirect_request(self, *_: Any) -> None:
        """Returns nothing: the redirect becomes an HTTPError."""


def notify(config: NotifyConfig, record: RunRecord, live_version: str) -> str:
    """Posts the record; returns what went wrong in one line, or "".

    The line names scheme and host only, for the rest of the URL may be a secret. Without a URL
    nothing is done. The live version is that of now, "" for none.
    """
    url = config.webhook.get_secret_value()
    if not url:
        return ""
    parts = urlsplit(url)
    where = f"{parts.scheme}://{parts.hostname}"
    seconds = config.timeout_seconds
    try:
        content = json.dumps(body(record, live_version)).encode()
        # The limit is for all of it: name look-up, connection, and every line of the answer.
        within(seconds, lambda: _post(url, content, seconds))
        return ""
    except Exception as error:  # no answer of a webhook may fail a run
        return f"notification: {where} was not reached: {_why(error)}"


def _post(url: str, content: bytes, seconds: float) -> None:
    """Sends the body; user and password of the URL go into a header, as browsers do it."""
    parts = urlsplit(url)
    headers = {"Content-Type": "application/json", "User-Agent": "two-tower-pipeline"}
    if parts.username is not None:
        user = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        headers["Authorization"] = f"Basic {base64.b64encode(user.encode()).decode()}"
        url = urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
    request = urllib.request.Request(url, data=content, headers=headers, method="POST")
    with urllib.request.build_opener(_NoRedirect).open(request, timeout=seconds):
        pass


def _why(error: Exception) -> str:
    """Says what went wrong without the texts of libraries that may quote the URL."""
    if isinstance(error, urllib.error.HTTPError):
        return f"HTTP status {error.code}"
    reason = error.reason if isinstance(error, urllib.error.URLError) else error
    if isinstance(reason, TimeoutError):
        return "no answer in time"
    if isinstance(reason, OSError) and reason.strerror:
        return reason.strerror
    for kind, sentence in _SENTENCES.items():
        if isinstance(reason, kind):
            return sentence
    return type(reason).__name__


def body(record: RunRecord, live_version: str) -> dict[str, Any]:
    """Returns what is posted: enough for a message to people or for a program to decide on."""
    return {
        "text": f"{record.pipeline}: {record.status.replace('_', ' ')}: {record.reason}",
        "pipeline": record.pipeline,
        "status": record.status,
        "exit_code": record.exit_code,
        "reason": record.reason,
        "started": record.started,
        "seconds": record.seconds,
        "data": {
            key: record.data.get(key)
            for key in ("layout", "span", "ratings", "users", "movies", "last_timestamp")
        },
        "gate": record.gate,
        "warnings": record.warnings,
        "metrics": {
            who: {name: figures[name] for name in _FIGURES if name in figures}
            for who, figures in record.metrics.items()
        },
        "pushed_version": (record.pushed or {}).get("version"),
        "live_version": live_version or None,
        "baseline_version": record.baseline_version or None,
        "removed_versions": record.removed_versions,
    }

"""Tells a webhook how a run ended. Nothing that happens here changes how it ended."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import Any
from urllib.parse import urlsplit

from pipeline.config.local import NotifyConfig
from pipeline.local.run.run_record import Outcome

_FIGURES = (
    "top_100_accuracy",
    "unseen_top_100_accuracy",
    "popularity_top_100_accuracy",
    "unseen_popularity_top_100_accuracy",
    "ndcg_at_10",
    "users",
)


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A redirect would turn the POST into a GET, and send it to who was not asked for."""

    def redirect_request(self, *_: Any) -> None:
        """Follows nothing: the redirect becomes an HTTPError."""


def notify(config: NotifyConfig, outcome: Outcome, live_version: str) -> str:
    """Posts the outcome; returns what went wrong in one line, or "".

    The line names scheme and host only, for the rest of the URL may be a secret.

    Args:
        config: URL and timeout; without a URL nothing is done.
        outcome: Of the run that ended.
        live_version: What is live now, "" for nothing.
    """
    url = config.webhook.get_secret_value()
    if not url:
        return ""
    parts = urlsplit(url)
    where = f"{parts.scheme}://{parts.hostname}"
    request = urllib.request.Request(
        url,
        data=json.dumps(body(outcome, live_version)).encode(),
        headers={"Content-Type": "application/json", "User-Agent": "two-tower-pipeline"},
        method="POST",
    )
    try:
        with urllib.request.build_opener(_NoRedirect).open(request, timeout=config.timeout_seconds):
            return ""
    except Exception as error:  # whatever a foreign server does is no reason to fail a run
        return f"notification: {where} was not told: {_why(error)}"


def _why(error: Exception) -> str:
    """Says what went wrong without the texts of libraries that may quote the URL."""
    if isinstance(error, urllib.error.HTTPError):
        return f"HTTP status {error.code}"
    reason = error.reason if isinstance(error, urllib.error.URLError) else error
    if isinstance(reason, TimeoutError):
        return "no answer in time"
    if isinstance(reason, OSError) and reason.strerror:
        return reason.strerror
    return type(reason).__name__


def body(outcome: Outcome, live_version: str) -> dict[str, Any]:
    """Returns what is posted: enough for a message to people or for a program to decide on."""
    return {
        "text": f"{outcome.pipeline}: {outcome.status.replace('_', ' ')}: {outcome.reason}",
        "pipeline": outcome.pipeline,
        "status": outcome.status,
        "exit_code": outcome.exit_code,
        "reason": outcome.reason,
        "started": outcome.started,
        "seconds": outcome.seconds,
        "data": {
            key: outcome.data.get(key)
            for key in ("layout", "span", "ratings", "users", "movies", "last_timestamp")
        },
        "gate": outcome.gate,
        "warnings": outcome.warnings,
        "metrics": {
            who: {name: figures[name] for name in _FIGURES if name in figures}
            for who, figures in outcome.metrics.items()
        },
        "pushed_version": (outcome.pushed or {}).get("version"),
        "live_version": live_version or None,
        "baseline_version": outcome.baseline_version or None,
        "removed_versions": outcome.removed_versions,
    }

"""What is an address of the web: of a cluster, a mirror or a webhook."""

from __future__ import annotations

from urllib.parse import SplitResult, urlsplit


def web_address(text: str) -> SplitResult | None:
    """Returns the parts of an http(s) URL; None where it has no host, or a port that cannot be."""
    try:
        parts = urlsplit(text)
        good = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:  # asking for the port checks it
        return None
    return parts if good else None

"""Asks the server of this container whether it lives: exit code 0 or 1. For HEALTHCHECK."""

from __future__ import annotations

import os
import sys
import urllib.request

from serving.config import ServingConfig

_SECONDS = 5.0


def main() -> int:
    """Asks /healthz on the default port, or the one in SERVING_PORT."""
    port = os.environ.get("SERVING_PORT", str(ServingConfig().port))
    try:
        with urllib.request.urlopen(
            f"http://127.0.0.1:{port}/healthz", timeout=_SECONDS
        ) as response:
            return 0 if response.status == 200 else 1
    except (OSError, ValueError):
        return 1


if __name__ == "__main__":
    sys.exit(main())

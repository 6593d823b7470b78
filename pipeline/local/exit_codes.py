"""The exit codes of local_runner.py."""

from __future__ import annotations

EXIT_PUSHED, EXIT_OTHER, EXIT_USER, EXIT_REFUSED = 0, 1, 2, 3

"""The data of the end-to-end tests."""

from __future__ import annotations

from tests.e2e.conftest import ratings

__all__ = ["ratings"]

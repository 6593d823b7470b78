"""The Tuner works on the planted world of the Trainer's tests."""

from __future__ import annotations

from tests.components.trainer.conftest import world

__all__ = ["world"]

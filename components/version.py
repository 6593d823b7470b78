"""The version of the project, said only here; setup.py reads it."""

from __future__ import annotations

VERSION = "0.1.0"

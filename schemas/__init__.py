"""The curated schemas of the data, as files of TensorFlow Metadata's Schema in text format."""

from __future__ import annotations

from pathlib import Path

INTERACTIONS = Path(__file__).parent / "interactions.pbtxt"
"""Schema of the user Examples: one user's interactions of one split."""

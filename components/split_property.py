"""How an Examples artifact says how train and eval were divided."""

from __future__ import annotations

from tfx import types

SPLIT = "split_config"


def mark_split(examples: types.Artifact, config: str) -> None:
    """Notes the settings of the split, as the settings write them."""
    examples.set_string_custom_property(SPLIT, config)


def split_of(examples: types.Artifact) -> str:
    """Returns what `mark_split` noted; empty where nothing was."""
    return str(examples.get_string_custom_property(SPLIT))

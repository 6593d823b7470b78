"""How a Model artifact says which live model it holds, or that there is none."""

from __future__ import annotations

from collections.abc import Sequence

from tfx import types

ABSENT = "absent"
VERSION = "version"


def mark_absent(model: types.Artifact) -> None:
    """Marks the artifact as holding no model, because none is live."""
    model.set_int_custom_property(ABSENT, 1)
    model.set_string_custom_property(VERSION, "")


def mark_present(model: types.Artifact, version: str) -> None:
    """Marks the artifact as holding that version of what is live."""
    model.set_int_custom_property(ABSENT, 0)
    model.set_string_custom_property(VERSION, version)


def is_absent(model: types.Artifact) -> bool:
    """Returns whether the artifact is marked as holding no model."""
    return model.get_int_custom_property(ABSENT) == 1


def if_present(models: Sequence[types.Artifact] | None) -> types.Artifact | None:
    """Returns the artifact of an optional input; None where there is none or it is absent."""
    return models[0] if models and not is_absent(models[0]) else None

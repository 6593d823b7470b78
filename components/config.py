"""The base of every configuration section."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Section(BaseModel):
    """A typed, frozen, closed group of settings: unknown keys and wrong types are refused.

    Numbers are finite: a threshold of `.nan` would let every model pass.
    """

    model_config = ConfigDict(
        frozen=True, extra="forbid", validate_default=True, allow_inf_nan=False
    )

    def to_json(self) -> str:
        """Returns the section as JSON with sorted keys: equal sections give equal text."""
        import json

        return json.dumps(self.model_dump(mode="json"), sort_keys=True)

"""The base of every configuration section, and the ranges of its numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

NotNegative = Annotated[int, Field(ge=0)]
Positive = Annotated[int, Field(ge=1)]
NotNegativeNumber = Annotated[float, Field(ge=0)]
PositiveNumber = Annotated[float, Field(gt=0)]
Share = Annotated[float, Field(ge=0, le=1)]
ShareBelowOne = Annotated[float, Field(ge=0, lt=1)]
ProperShare = Annotated[float, Field(gt=0, lt=1)]


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


def key_of(location: Sequence[Any], values: Mapping[str, Any]) -> str:
    """Returns the key that a pydantic error is about, as in "trainer.epochs".

    Args:
        location: The error's `loc`: keys, and names of the members of a union, which are left out.
        values: What was validated; a key at the end of the location may be missing in it.
    """
    keys: list[str] = []
    inside: Any = values
    for number, part in enumerate(location, 1):
        if isinstance(inside, Mapping):
            is_key = part in inside or number == len(location)
            following = inside.get(part, inside)
        else:
            is_key = isinstance(inside, list | tuple) and isinstance(part, int)
            following = inside[part] if is_key and part < len(inside) else inside
        if is_key:
            keys.append(str(part))
            inside = following
    return ".".join(keys)

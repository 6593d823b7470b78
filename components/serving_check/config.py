"""Settings of the serving check."""

from __future__ import annotations

from pydantic import Field

from components.config import Section


class ServingCheckConfig(Section):
    """What the exported model must do in a fresh process."""

    users: int = Field(64, ge=1, description="Known users in the queries.")
    large_batch: int = Field(
        1024,
        ge=1,
        description="Users of the large batch; fewer where the catalogue is so large that their "
        "scores would not fit into memory.",
    )
    max_latency_ms: float = Field(
        500.0, gt=0, description="Largest median latency of a single-user query, in milliseconds."
    )
    timeout_seconds: float = Field(300.0, gt=0, description="Time for the whole check.")

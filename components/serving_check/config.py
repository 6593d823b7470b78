"""Settings of the serving check."""

from __future__ import annotations

from pydantic import Field

from components.config import Positive, PositiveNumber, Section


class ServingCheckConfig(Section):
    """What the exported model must do in a fresh process."""

    users: Positive = Field(64, description="Known users in the queries.")
    large_batch: Positive = Field(
        1024,
        description="Users of the large batch; fewer where the catalogue is so large that their "
        "scores would not fit into memory.",
    )
    max_latency_ms: PositiveNumber = Field(
        500.0, description="Largest median latency of a single-user query, in milliseconds."
    )
    timeout_seconds: PositiveNumber = Field(300.0, description="Time for the whole check.")

"""Settings of the drift check."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from components.config import Section, Share


class DriftConfig(Section):
    """What is done about data that differ from those of the live model."""

    action: Literal["warn", "stop"] = Field(
        "warn",
        description="warn reports drift and goes on; stop ends the run with exit code 2 before "
        "anything is trained.",
    )
    newest_span: bool = Field(
        True,
        description="Whether, where several spans are read, the newest is what is compared: with "
        "one ExampleGen and one StatisticsGen more. On Kubeflow everything read is compared.",
    )
    max_new_user_share: Share = Field(
        0.5, description="Share of today's users whom the live model does not know."
    )
    max_new_movie_share: Share = Field(
        0.2, description="Share of today's rated movies that it does not know."
    )

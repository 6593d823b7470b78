"""Settings of the local runner: retention and notification."""

from __future__ import annotations

from pydantic import Field, SecretStr, field_validator

from components.config import Section
from pipeline.web_address import web_address


class RetentionConfig(Section):
    """How much of earlier runs is kept."""

    keep_versions: int = Field(
        10,
        ge=0,
        description="Pushed versions kept after a push, newest first, the live one among them; "
        "0: all.",
    )


class NotifyConfig(Section):
    """The webhook that gets the result of a run."""

    webhook: SecretStr = Field(
        SecretStr(""),
        description="http(s) URL that gets a POST with a JSON body after each run; empty: none.",
    )
    timeout_seconds: float = Field(5.0, gt=0, le=60, description="Seconds for the whole exchange.")

    @field_validator("webhook")
    @classmethod
    def _check_webhook(cls, value: SecretStr) -> SecretStr:
        """Refuses what is no URL, without repeating it: it may hold a secret."""
        url = value.get_secret_value()
        if url and web_address(url) is None:
            raise ValueError("an http:// or https:// URL is needed")
        return value

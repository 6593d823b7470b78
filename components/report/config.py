"""Settings of the report."""

from __future__ import annotations

from pydantic import Field

from components.config import NotNegative, Section


class ReportConfig(Section):
    """How much of the model's answers the page shows."""

    sample_users: NotNegative = Field(
        4, description="Users whose history and recommendations are shown."
    )
    sample_movies: NotNegative = Field(4, description="Movies whose nearest movies are shown.")
    list_length: int = Field(10, ge=1, le=100, description="Length of the lists shown.")
    measured_users: NotNegative = Field(
        1000, description="Users, evenly spread, over whose lists popularity bias is measured."
    )

"""The error of a cluster."""

from __future__ import annotations

from components.errors import StatedError


class ClusterError(StatedError):
    """The cluster did not answer, or said no; one line without secrets."""

"""The error of a cluster."""

from __future__ import annotations


class ClusterError(Exception):
    """The cluster did not answer, or said no; one line without secrets."""

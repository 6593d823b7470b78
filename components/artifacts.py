"""Artifact types of our own: what people look at.

Their names are those of Kubeflow Pipelines, whose page shows numbers of the first as a table and
the second as a page.
"""

from __future__ import annotations

from tfx.types import artifact


class Metrics(artifact.Artifact):
    """Named figures and verdicts, held as custom properties of the artifact."""

    TYPE_NAME = "system.Metrics"


class Html(artifact.Artifact):
    """One self-contained HTML page, the only file in the artifact's folder."""

    TYPE_NAME = "system.HTML"

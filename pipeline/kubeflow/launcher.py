"""What compilation, steps and client agree on: places and types of artifacts, marks in a log."""

from __future__ import annotations

from collections.abc import Mapping

import yaml

# Below these folders, named after the scheme of an artifact's URI.
LOCAL_ROOTS = {"gs://": "/gcs/", "minio://": "/minio/", "s3://": "/s3/"}

# Between these lines of its log, a step that carries out a command says what it has to say.
ANSWER_BEGIN = "----- answer of the step -----"
ANSWER_END = "----- end of the answer -----"


def title(artifact_type: Mapping[str, str]) -> str:
    """Returns the title of an artifact type, empty if it has none."""
    if artifact_type.get("schemaTitle"):
        return artifact_type["schemaTitle"]
    schema = yaml.safe_load(artifact_type.get("instanceSchema", "")) or {}
    return schema.get("title", "")

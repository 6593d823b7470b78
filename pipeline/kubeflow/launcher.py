"""What the steps and the client agree on: places of artifacts, and marks in a log."""

from __future__ import annotations

# Below these folders, named after the scheme of an artifact's URI.
LOCAL_ROOTS = {"gs://": "/gcs/", "minio://": "/minio/", "s3://": "/s3/"}

# Between these lines of its log, a step that carries out a command says what it has to say.
ANSWER_BEGIN = "----- answer of the step -----"
ANSWER_END = "----- end of the answer -----"

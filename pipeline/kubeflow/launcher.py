"""Where Kubeflow's launcher keeps the files of artifacts in a container."""

from __future__ import annotations

# Below these folders, named after the scheme of an artifact's URI.
LOCAL_ROOTS = {"gs://": "/gcs/", "minio://": "/minio/", "s3://": "/s3/"}

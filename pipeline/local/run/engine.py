"""Whether a run of this machine can use the engine that its settings name."""

from __future__ import annotations

import socket

from components.errors import ConfigError
from pipeline.config.beam import BeamConfig
from pipeline.config.beam_options import check_beam

CONNECT_SECONDS = 10


def check_engine(config: BeamConfig) -> None:
    """Checks the section `beam`, and that a job server listens.

    Beam itself would wait five minutes for one, in the first component.

    Raises:
        ConfigError: Settings or options are wrong, the engine could not see the output root, or
            nothing listens at `beam.job_endpoint`.
    """
    check_beam(config)
    if config.runner == "dataflow":
        raise ConfigError(
            "beam.runner=dataflow: its workers see buckets only, and the output root of a local "
            "run is a folder; use kubeflow_runner.py with --pipeline-root gs://…"
        )
    if config.job_endpoint:
        _check_listens(config.job_endpoint)


def _check_listens(endpoint: str) -> None:
    host, _, port = endpoint.rpartition(":")
    try:
        socket.create_connection((host.strip("[]"), int(port)), CONNECT_SECONDS).close()
    except OSError as error:
        raise ConfigError(
            f"beam.job_endpoint: no job server listens at {endpoint} ({error.strerror or error})"
        ) from error

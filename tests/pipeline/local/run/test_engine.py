"""A run ends before it starts where its engine cannot serve it."""

from __future__ import annotations

import socket

import pytest

from components.errors import ConfigError
from pipeline.config.beam import BeamConfig
from pipeline.local.run.engine import check_engine


def portable(port: int) -> BeamConfig:
    return BeamConfig(runner="portable", job_endpoint=f"127.0.0.1:{port}", environment="loopback")


def test_check_engine_accepts_a_job_server_that_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        check_engine(portable(server.getsockname()[1]))


def test_check_engine_refuses_where_nothing_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(ConfigError, match=rf"no job server listens at 127\.0\.0\.1:{port}"):
        check_engine(portable(port))


def test_check_engine_refuses_dataflow_for_a_local_run() -> None:
    config = BeamConfig(
        runner="dataflow",
        project="p",
        region="r",
        temp_location="gs://b/t",
        environment_config="i:1",
    )
    with pytest.raises(ConfigError, match="buckets only"):
        check_engine(config)

"""The container contract of Beam's SDK; tests/engine starts a worker by it."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from apache_beam.portability.api import (
    beam_provision_api_pb2,
    beam_runner_api_pb2,
    endpoints_pb2,
)
from google.protobuf import struct_pb2

from pipeline import sdk_worker


def arguments(*given: str) -> object:
    return sdk_worker.build_parser().parse_known_args(["--id=1", *given])[0]


def test_worker_environment_is_what_the_engine_says() -> None:
    options = struct_pb2.Struct()
    options.update({"beam:option:job_name:v1": "x"})
    info = beam_provision_api_pb2.ProvisionInfo(
        pipeline_options=options,
        control_endpoint=endpoints_pb2.ApiServiceDescriptor(url="told:1"),
        runner_capabilities=["a", "b"],
        metadata={"job_id": "7"},
    )
    environment = sdk_worker.worker_environment(
        arguments("--control_endpoint=given:1", "--logging_endpoint=given:2"), info
    )
    assert environment["CONTROL_API_SERVICE_DESCRIPTOR"] == 'url: "told:1"\n'
    assert environment["LOGGING_API_SERVICE_DESCRIPTOR"] == 'url: "given:2"\n'
    assert "STATUS_API_SERVICE_DESCRIPTOR" not in environment
    assert environment["PIPELINE_OPTIONS"] == '{"beam:option:job_name:v1": "x"}'
    assert environment["RUNNER_CAPABILITIES"] == "a b"
    assert environment["JOB_ID"] == "7"


def test_needed_packages_are_those_to_be_installed() -> None:
    def staged(name: str) -> beam_runner_api_pb2.ArtifactInformation:
        payload = beam_runner_api_pb2.ArtifactStagingToRolePayload(staged_name=name)
        return beam_runner_api_pb2.ArtifactInformation(role_payload=payload.SerializeToString())

    names = ("submission_environment_dependencies.txt", "extra_packages.txt")
    info = beam_provision_api_pb2.ProvisionInfo(dependencies=map(staged, names))
    assert sdk_worker.needed_packages(info) == ["extra_packages.txt"]


def test_main_refuses_to_start_without_an_engine(capsys: pytest.CaptureFixture[str]) -> None:
    assert sdk_worker.main([]) == 2
    assert capsys.readouterr().err.startswith("error: boot: --id or --provision_endpoint")


def test_worker_pool_is_beams(monkeypatch: pytest.MonkeyPatch) -> None:
    called = []
    monkeypatch.setattr(os, "execvp", lambda program, line: called.append(line) or sys.exit(0))
    with pytest.raises(SystemExit):
        sdk_worker.main(["--worker_pool"])
    (line,) = called
    assert "--service_port=50000" in line
    subprocess.run([*line[:-1], "--help"], check=True, capture_output=True)

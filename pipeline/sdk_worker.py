"""The image as a container of Beam's SDK: what an engine starts where our code is to run.

    boot --worker_pool                        # a pool of workers on port 50000
    boot --id=1 --provision_endpoint=HOST:PORT …    # one worker; an engine adds these options

The options and the environment of a worker are those of Beam's own program of this name
(sdks/python/container/boot.go), which is written in Go. Packages are not installed: the image has
what the jobs need.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from typing import Any

POOL_PORT = 50000
WORKER = (sys.executable, "-m", "apache_beam.runners.worker.sdk_worker_main")
POOL = (
    sys.executable,
    "-m",
    "apache_beam.runners.worker.worker_pool_main",
    f"--service_port={POOL_PORT}",
)
PROVISION_SECONDS = 60
# The list of packages that is staged with every job, to be compared; nothing has to be installed.
NOT_NEEDED = ("submission_environment_dependencies.txt",)
EXIT_USER = 2


def build_parser() -> argparse.ArgumentParser:
    """Builds the parser; it ignores what later versions of Beam may add."""
    parser = argparse.ArgumentParser(prog="boot", description=__doc__, allow_abbrev=False)
    add = parser.add_argument
    add("--worker_pool", action="store_true", help="serve a pool of workers")
    add("--id", default="", help="id of the worker")
    add("--provision_endpoint", default="", help="where the engine says what the worker needs")
    add("--logging_endpoint", default="", help="where the worker sends its log")
    add("--control_endpoint", default="", help="where the worker gets its work")
    add("--semi_persist_dir", default="/tmp", help="folder of the worker")
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Runs a pool or a worker to its end; returns the exit code."""
    arguments, _ = build_parser().parse_known_args(argv)
    if arguments.worker_pool:
        os.execvp(POOL[0], POOL)
    # Prism puts the id in quotation marks.
    worker_id = arguments.id.strip("'")
    if not (worker_id and arguments.provision_endpoint):
        print(
            "error: boot: --id or --provision_endpoint is missing; accepted: --worker_pool, or "
            "what an engine of Beam gives a container",
            file=sys.stderr,
        )
        return EXIT_USER
    info = provision_info(worker_id, arguments.provision_endpoint)
    if staged := needed_packages(info):
        print(
            f"error: boot: the job stages {', '.join(staged)}, and nothing is installed here; "
            "put it into the image and leave the option out",
            file=sys.stderr,
        )
        return EXIT_USER
    environment = worker_environment(arguments, info)
    # An engine may ask for several workers in one container.
    workers = [
        subprocess.Popen(WORKER, env={**os.environ, **environment, "WORKER_ID": one})
        for one in (worker_id, *info.sibling_worker_ids)
    ]
    return max(abs(worker.wait()) for worker in workers)


def provision_info(worker_id: str, endpoint: str) -> Any:
    """Asks the engine what a worker needs; returns Beam's protobuf ProvisionInfo."""
    import grpc
    from apache_beam.portability.api import beam_provision_api_pb2, beam_provision_api_pb2_grpc

    with grpc.insecure_channel(endpoint) as channel:
        stub = beam_provision_api_pb2_grpc.ProvisionServiceStub(channel)
        return stub.GetProvisionInfo(
            beam_provision_api_pb2.GetProvisionInfoRequest(),
            metadata=[("worker_id", worker_id)],
            timeout=PROVISION_SECONDS,
            wait_for_ready=True,
        ).info


def needed_packages(info: Any) -> list[str]:
    """Returns the names of staged files that would have to be installed."""
    from apache_beam.portability.api import beam_runner_api_pb2

    names = []
    for dependency in info.dependencies:
        role = beam_runner_api_pb2.ArtifactStagingToRolePayload.FromString(dependency.role_payload)
        names.append(role.staged_name or dependency.role_urn)
    return [name for name in names if name not in NOT_NEEDED]


def worker_environment(arguments: argparse.Namespace, info: Any) -> Mapping[str, str]:
    """Returns the variables that a worker of Beam reads."""
    from google.protobuf import json_format, text_format

    environment = {
        "PIPELINE_OPTIONS": json.dumps(json_format.MessageToDict(info.pipeline_options)),
        "SEMI_PERSISTENT_DIRECTORY": arguments.semi_persist_dir,
        "RUNNER_CAPABILITIES": " ".join(info.runner_capabilities),
    }
    for name, told, given in (
        ("LOGGING", info.logging_endpoint, arguments.logging_endpoint),
        ("CONTROL", info.control_endpoint, arguments.control_endpoint),
        ("STATUS", info.status_endpoint, ""),
    ):
        if not told.url:
            told.url = given
        if told.url:
            text = text_format.MessageToString(told)
            environment[f"{name}_API_SERVICE_DESCRIPTOR"] = text
    for key in ("job_name", "job_id"):
        if key in info.metadata:
            environment[key.upper()] = info.metadata[key]
    return environment


if __name__ == "__main__":
    sys.exit(main())

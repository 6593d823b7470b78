"""A job service before a job server: it gives each job two pools of workers instead of one.

A job names one pool for all its transforms. Here every job gets a second environment, the other
pool, and half of its transforms are moved there. So elements go from pool to pool inside each job.
"""

from __future__ import annotations

import contextlib
import zlib
from collections.abc import Callable, Iterator
from typing import Any

import grpc
from apache_beam.portability import common_urns
from apache_beam.portability.api import beam_job_api_pb2, beam_runner_api_pb2
from apache_beam.utils.thread_pool_executor import shared_unbounded_instance

SERVICE = "org.apache.beam.model.job_management.v1.JobService"
NO_LIMITS = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]
STREAMS = ("GetStateStream", "GetMessageStream")
COMBINE = common_urns.composites.COMBINE_PER_KEY.urn


def split(pipeline: Any, other_pool: str) -> None:
    """Moves half of a pipeline's transforms, by a hash of their names, to another pool.

    What is below a combine goes with it: an engine builds the combine's steps from the whole.

    Args:
        pipeline: Beam's protobuf Pipeline, whose environments are external ones.
        other_pool: Address of the other pool.
    """
    components = pipeline.components
    twins = {name: f"{name}_other_pool" for name in components.environments}
    for name, twin in twins.items():
        components.environments[twin].CopyFrom(components.environments[name])
        payload = beam_runner_api_pb2.ExternalPayload()
        payload.endpoint.url = other_pool
        components.environments[twin].payload = payload.SerializeToString()
    transforms = components.transforms
    below_combine = {
        part
        for transform in transforms.values()
        if transform.spec.urn == COMBINE
        for part in transform.subtransforms
    }
    for name in list(transforms):
        if name in below_combine or not zlib.crc32(transforms[name].unique_name.encode()) % 2:
            continue
        for moved in _with_steps(name, transforms):
            environment = transforms[moved].environment_id
            transforms[moved].environment_id = twins.get(environment, environment)


def _with_steps(name: str, transforms: Any) -> Iterator[str]:
    """Yields the name of a transform, and those of the steps of a combine."""
    if name not in transforms:
        return
    yield name
    if transforms[name].spec.urn == COMBINE:
        for part in transforms[name].subtransforms:
            yield from _with_steps(part, transforms)


class SplittingService(grpc.GenericRpcHandler):
    """Hands every call to the job server; splits the jobs on the way."""

    def __init__(self, job_server: str, other_pool: str) -> None:
        self._channel = grpc.insecure_channel(job_server, options=NO_LIMITS)
        self._other_pool = other_pool

    def service(self, details: Any) -> Any:
        """Returns the handler of a method of the job service."""
        if not details.method.startswith(f"/{SERVICE}/"):
            return None
        if details.method.rpartition("/")[2] in STREAMS:
            return grpc.unary_stream_rpc_method_handler(self._stream(details.method))
        return grpc.unary_unary_rpc_method_handler(self._call(details.method))

    def _call(self, method: str) -> Callable[[bytes, Any], bytes]:
        forward = self._channel.unary_unary(method)

        def call(request: bytes, context: Any) -> bytes:
            if method.endswith("/Prepare"):
                prepared = beam_job_api_pb2.PrepareJobRequest.FromString(request)
                split(prepared.pipeline, self._other_pool)
                request = prepared.SerializeToString()
            try:
                return forward(request)
            except grpc.RpcError as error:
                context.abort(error.code(), error.details())
                raise

        return call

    def _stream(self, method: str) -> Callable[[bytes, Any], Iterator[bytes]]:
        forward = self._channel.unary_stream(method)
        return lambda request, _: iter(forward(request))


@contextlib.contextmanager
def splitting_service(job_server: str, other_pool: str) -> Iterator[str]:
    """Serves the split before a job server; yields its address."""
    server = grpc.server(shared_unbounded_instance(), options=NO_LIMITS)
    server.add_generic_rpc_handlers((SplittingService(job_server, other_pool),))
    port = server.add_insecure_port("localhost:0")
    server.start()
    try:
        yield f"localhost:{port}"
    finally:
        server.stop(None)

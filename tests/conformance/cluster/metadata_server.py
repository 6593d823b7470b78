"""ML Metadata's own store, of the installed package, behind its gRPC interface.

Run as `python -m tests.conformance.cluster.metadata_server PORT`; the store is in memory.
"""

from __future__ import annotations

import sys
import threading
from concurrent import futures
from typing import Any

import grpc
from ml_metadata.metadata_store import metadata_store
from ml_metadata.metadata_store.pywrap import metadata_store_extension
from ml_metadata.proto import metadata_store_pb2, metadata_store_service_pb2

_SERIALIZED = metadata_store_extension.metadata_store
_CODES = {code.value[0]: code for code in grpc.StatusCode}


def serve(port: int) -> None:
    """Answers until the process is ended."""
    config = metadata_store_pb2.ConnectionConfig()
    config.fake_database.SetInParent()
    store = metadata_store.MetadataStore(config)
    service = metadata_store_service_pb2.DESCRIPTOR.services_by_name["MetadataStoreService"]
    lock = threading.Lock()
    handlers = {
        method.name: _handler(getattr(_SERIALIZED, method.name), store, lock)
        for method in service.methods
        if hasattr(_SERIALIZED, method.name)
    }
    server = grpc.server(
        futures.ThreadPoolExecutor(8), options=[("grpc.max_receive_message_length", -1)]
    )
    server.add_generic_rpc_handlers(
        (grpc.method_handlers_generic_handler(service.full_name, handlers),)
    )
    server.add_insecure_port(f"127.0.0.1:{port}")
    server.start()
    server.wait_for_termination()


def _handler(method: Any, store: Any, lock: threading.Lock) -> grpc.RpcMethodHandler:
    """Passes the bytes of requests and answers on: both sides speak the same protocol."""

    def call(request: bytes, context: grpc.ServicerContext) -> bytes:
        with lock:
            response, message, code = method(store._metadata_store, request)
        if code:
            context.abort(_CODES[code], message.decode() if isinstance(message, bytes) else message)
        return response

    return grpc.unary_unary_rpc_method_handler(call)


if __name__ == "__main__":
    serve(int(sys.argv[1]))

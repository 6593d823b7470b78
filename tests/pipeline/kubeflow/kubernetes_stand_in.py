"""A local HTTP server that answers Kubernetes' API and a registry's, for their real clients."""

from __future__ import annotations

import contextlib
import copy
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import yaml

NAMESPACED = "/api/v1/namespaces/kubeflow"
CLAIM = f"{NAMESPACED}/persistentvolumeclaims/recommender"
SECRET = f"{NAMESPACED}/secrets/mlpipeline-minio-artifact"
ACCOUNT = f"{NAMESPACED}/serviceaccounts/pipeline-runner"
REVIEWS = "/apis/authorization.k8s.io/v1/subjectaccessreviews"
NODES = "/api/v1/nodes"
NODE = {
    "metadata": {"name": "one", "labels": {"pool": "small"}},
    "spec": {},
    "status": {
        "conditions": [{"type": "Ready", "status": "True"}],
        "allocatable": {"cpu": "3920m", "memory": "14Gi"},
        "images": [{"names": ["registry.example/recommender:1"]}],
    },
}


class Kubernetes:
    """What the cluster holds, by path, and every request that it got."""

    def __init__(self) -> None:
        self.objects: dict[str, Any] = copy.deepcopy(
            {
                "/version": {"gitVersion": "v1.30.2"},
                CLAIM: {
                    "spec": {"accessModes": ["ReadWriteMany"]},
                    "status": {"phase": "Bound"},
                },
                SECRET: {"kind": "PartialObjectMetadata"},
                ACCOUNT: {"metadata": {"name": "pipeline-runner"}},
                NODES: {"items": [NODE]},
            }
        )
        self.status: dict[str, int] = {}  # of a path, in place of an answer
        self.denied: list[dict[str, str]] = []  # what accounts may not do
        self.manifests: set[str] = set()  # of the registry
        self.requests: list[tuple[str, str]] = []
        self.accepted: dict[str, str] = {}  # what kind of answer a path was asked for
        self.address = ""

    @property
    def node(self) -> dict[str, Any]:
        """The only node, to be changed."""
        return self.objects[NODES]["items"][0]

    def write_kubeconfig(self, path: Path) -> None:
        """Writes a kubeconfig that leads here."""
        config = {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "c", "cluster": {"server": self.address}}],
            "users": [{"name": "u", "user": {"token": "kubernetes-secret"}}],
            "contexts": [{"name": "x", "context": {"cluster": "c", "user": "u"}}],
            "current-context": "x",
        }
        path.write_text(yaml.safe_dump(config))


class Handler(BaseHTTPRequestHandler):
    """Answers what `Kubernetes` holds."""

    state: Kubernetes

    def log_message(self, *arguments: Any) -> None:
        """Says nothing."""

    def do_GET(self) -> None:
        path = self._note("GET")
        self._send(self.state.objects.get(path), 200 if path in self.state.objects else 404)

    def do_HEAD(self) -> None:
        path = self._note("HEAD")
        self._send(None, 200 if path in self.state.manifests else 404)

    def do_POST(self) -> None:
        self._note("POST")
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        asked = body["spec"]["resourceAttributes"]
        allowed = not any(one.items() <= asked.items() for one in self.state.denied)
        self._send({"status": {"allowed": allowed}}, 201)

    def _note(self, method: str) -> str:
        self.state.requests.append((method, self.path))
        self.state.accepted[self.path] = self.headers.get("Accept", "")
        return self.path

    def _send(self, answer: Any, status: int) -> None:
        text = b"" if answer is None else json.dumps(answer).encode()
        self.send_response(self.state.status.get(self.path, status))
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(text)


@contextlib.contextmanager
def serve() -> Iterator[Kubernetes]:
    """Runs the server; yields what it holds."""
    state = Kubernetes()
    handler = type("BoundHandler", (Handler,), {"state": state})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, args=[0.01], daemon=True).start()
    state.address = f"http://127.0.0.1:{server.server_port}"
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()

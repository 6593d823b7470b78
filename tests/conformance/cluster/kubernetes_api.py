"""A strict stand-in of the Kubernetes API: what is asked of it is kept, answered, or refused.

It knows a few kinds of objects, in one namespace: create, read, list, replace, merge-patch, delete,
and watch, with names and versions as Kubernetes gives them; and the logs of pods. Everything else
is answered by 404 and noted in `unknown`, and what Kubernetes would refuse by 422, noted in
`refused`.
"""

from __future__ import annotations

import contextlib
import copy
import datetime
import http.server
import json
import re
import subprocess
import threading
import urllib.parse
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.conformance.cluster import google_store
from tests.conformance.cluster.http_server import answering
from tests.conformance.cluster.kubernetes_rules import Object, problems

PORT = 6443
PRIVATE_KEY = "key.pem"
NAMESPACE = "kubeflow"
# Kind and place of each resource that is known.
RESOURCES = {
    "pods": ("Pod", "api/v1"),
    "secrets": ("Secret", "api/v1"),
    "configmaps": ("ConfigMap", "api/v1"),
    "events": ("Event", "api/v1"),
    "workflows": ("Workflow", "apis/argoproj.io/v1alpha1"),
    "scheduledworkflows": ("ScheduledWorkflow", "apis/kubeflow.org/v1beta1"),
}
WATCH_SECONDS = 5


class RefusedError(Exception):
    """An answer that is no success: its code and its words."""

    def __init__(self, code: int, reason: str, message: str) -> None:
        super().__init__(message)
        self.status = {
            "kind": "Status",
            "apiVersion": "v1",
            "status": "Failure",
            "reason": reason,
            "message": message,
            "code": code,
        }


def api_version(resource: str) -> str:
    """Returns the version of the API to which a resource belongs, as objects name it."""
    return RESOURCES[resource][1].removeprefix("apis/").removeprefix("api/")


class Objects:
    """The objects, by resource and name; every change gets a number. `logs` are files of pods."""

    def __init__(self) -> None:
        self.logs: dict[str, Path] = {}
        self.kept: dict[tuple[str, str], Object] = {}
        self.changes: list[tuple[str, str, Object]] = []
        self.changed = threading.Condition()
        self.unknown: list[str] = []
        self.refused: list[str] = []

    def all(self, resource: str) -> list[Object]:
        """Returns copies of the objects of a resource, oldest first."""
        with self.changed:
            return [copy.deepcopy(one) for (kind, _), one in self.kept.items() if kind == resource]

    def get(self, resource: str, name: str) -> Object:
        """Returns a copy of an object.

        Raises:
            RefusedError: There is none of that name.
        """
        with self.changed:
            if (resource, name) not in self.kept:
                raise RefusedError(404, "NotFound", f'{resource} "{name}" not found')
            return copy.deepcopy(self.kept[resource, name])

    def create(self, resource: str, thing: Object) -> Object:
        """Keeps a new object, with the metadata that Kubernetes gives.

        Raises:
            RefusedError: Its name is taken, or Kubernetes would not take it.
        """
        thing |= {"kind": RESOURCES[resource][0], "apiVersion": api_version(resource)}
        metadata = thing.setdefault("metadata", {})
        if not metadata.get("name") and metadata.get("generateName"):
            metadata["name"] = metadata["generateName"] + uuid.uuid4().hex[:5]
        with self.changed:
            if (resource, metadata.get("name", "")) in self.kept:
                raise RefusedError(409, "AlreadyExists", f"{metadata['name']} exists already")
            now = datetime.datetime.now(datetime.timezone.utc)
            metadata |= {
                "namespace": NAMESPACE,
                "uid": str(uuid.uuid4()),
                "creationTimestamp": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
            }
            return self._keep(resource, thing, "ADDED")

    def replace(self, resource: str, name: str, thing: Object) -> Object:
        """Replaces an object; its metadata of identity stay."""
        with self.changed:
            before = self.get(resource, name)["metadata"]
            given = thing.get("metadata", {}).get("resourceVersion")
            if given and given != before["resourceVersion"]:
                raise RefusedError(409, "Conflict", f"{name} has been modified")
            kept = {key: before[key] for key in ("name", "namespace", "uid", "creationTimestamp")}
            thing["metadata"] = {**thing.get("metadata", {}), **kept}
            thing |= {"kind": RESOURCES[resource][0], "apiVersion": api_version(resource)}
            return self._keep(resource, thing, "MODIFIED")

    def patch(self, resource: str, name: str, change: Object) -> Object:
        """Merges a change into an object, as RFC 7386 says."""
        with self.changed:
            return self._keep(resource, _merge(self.get(resource, name), change), "MODIFIED")

    def edit(self, resource: str, name: str, operations: list[Object]) -> Object:
        """Applies operations of RFC 6902: a value is set, removed or must be as it says."""
        with self.changed:
            thing = self.get(resource, name)
            for operation in operations:
                *way, last = operation["path"].strip("/").split("/")
                place = thing
                for part in way:
                    place = place.setdefault(_unescaped(part), {})
                if operation["op"] in ("add", "replace"):
                    place[_unescaped(last)] = operation["value"]
                elif operation["op"] == "remove":
                    del place[_unescaped(last)]
                elif operation["op"] == "test":
                    if place.get(_unescaped(last)) != operation["value"]:
                        raise RefusedError(422, "Invalid", f"{operation['path']} is another")
                else:
                    raise RefusedError(422, "Invalid", f"operation {operation['op']}")
            return self._keep(resource, thing, "MODIFIED")

    def delete(self, resource: str, name: str) -> Object:
        """Forgets an object."""
        with self.changed:
            thing = self.get(resource, name)
            del self.kept[resource, name]
            self._note("DELETED", resource, thing)
            return {"kind": "Status", "apiVersion": "v1", "status": "Success"}

    def log(self, pod: str) -> bytes:
        """Returns what the container of a pod has written so far.

        Raises:
            RefusedError: There is no such pod, or it has not been started.
        """
        with self.changed:
            if pod not in self.logs:
                raise RefusedError(404, "NotFound", f'pods "{pod}" not found')
            return self.logs[pod].read_bytes()

    def _keep(self, resource: str, thing: Object, change: str) -> Object:
        found = problems(resource, thing)
        if found:
            self.refused += found
            raise RefusedError(422, "Invalid", "; ".join(found))
        thing["metadata"]["resourceVersion"] = str(len(self.changes) + 1)
        self.kept[resource, thing["metadata"]["name"]] = copy.deepcopy(thing)
        self._note(change, resource, thing)
        return thing

    def _note(self, change: str, resource: str, thing: Object) -> None:
        self.changes.append((change, resource, copy.deepcopy(thing)))
        self.changed.notify_all()

    def watch(self, resource: str, after: int) -> Iterator[Object]:
        """Yields the changes of a resource, for a while."""
        end = datetime.datetime.now() + datetime.timedelta(seconds=WATCH_SECONDS)
        while datetime.datetime.now() < end:
            with self.changed:
                if len(self.changes) <= after:
                    self.changed.wait(1)
                news, after = self.changes[after:], max(after, len(self.changes))
            yield from (
                {"type": kind, "object": thing} for kind, of, thing in news if of == resource
            )


def _unescaped(part: str) -> str:
    return part.replace("~1", "/").replace("~0", "~")


def _merge(before: Any, change: Any) -> Any:
    if not isinstance(change, dict):
        return change
    result = dict(before) if isinstance(before, dict) else {}
    for key, value in change.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = _merge(result.get(key), value)
    return result


class Handler(http.server.BaseHTTPRequestHandler):
    """Answers requests; `objects` is set by `serve`."""

    protocol_version = "HTTP/1.1"
    objects: Objects

    def answer(self) -> None:
        """Answers one request."""
        try:
            place, _, query = self.path.strip("/").partition("?")
            options = dict(urllib.parse.parse_qsl(query))
            if re.fullmatch(r"api/v1/pods/[^/]+/log", place):  # so the API server asks; see page.py
                raise RefusedError(404, "NotFound", "the server has no such resource")
            log = re.fullmatch(rf"api/v1/namespaces/{NAMESPACE}/pods/([^/]+)/log", place)
            if log and self.command == "GET":
                self._send(200, self.objects.log(log[1]), "text/plain")
                return
            resource, kind, name = self._resource(place)
            if options.get("sendInitialEvents"):  # clients then list and watch as ever
                raise RefusedError(422, "Invalid", "sendInitialEvents is forbidden")
            if self.command == "GET" and options.get("watch") in ("true", "1"):
                self._watch(resource, options)
                return
            body = self._act(resource, kind, name)
            code = 201 if self.command == "POST" else 200
        except RefusedError as error:
            body, code = error.status, error.status["code"]
        self._send(code, json.dumps(body).encode())

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = answer  # noqa: N815

    def _resource(self, place: str) -> tuple[str, str, str]:
        """Returns resource, kind and name of a path; the name may be empty."""
        for resource, (kind, root) in RESOURCES.items():
            prefix = f"{root}/namespaces/{NAMESPACE}/{resource}"
            rest = place[len(prefix) :].strip("/")
            name, _, part = rest.partition("/")
            if place in (prefix, f"{prefix}/{rest}") and part in ("", "status"):
                return resource, kind, name
        self.objects.unknown.append(f"{self.command} {place}")
        raise RefusedError(404, "NotFound", f"the server has no {place}")

    def _act(self, resource: str, kind: str, name: str) -> Object:
        length = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(length)) if length else {}
        if self.command == "GET" and name:
            return self.objects.get(resource, name)
        if self.command == "GET":
            version = {"resourceVersion": str(len(self.objects.changes))}
            items = self.objects.all(resource)
            listed = {"kind": f"{kind}List", "apiVersion": api_version(resource)}
            return {**listed, "metadata": version, "items": items}
        if self.command == "POST" and not name:
            return self.objects.create(resource, body)
        if self.command == "PUT" and name:
            return self.objects.replace(resource, name, body)
        if self.command == "PATCH" and name:
            kind = self.headers["Content-Type"]
            if kind == "application/merge-patch+json":
                return self.objects.patch(resource, name, body)
            if kind == "application/json-patch+json":
                return self.objects.edit(resource, name, body)
            self.objects.unknown.append(f"PATCH {self.path} by {kind}")
            raise RefusedError(415, "UnsupportedMediaType", kind)
        if self.command == "DELETE" and name:
            return self.objects.delete(resource, name)
        self.objects.unknown.append(f"{self.command} {self.path}")
        raise RefusedError(405, "MethodNotAllowed", self.command)

    def _watch(self, resource: str, options: dict[str, str]) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Connection", "close")
        self.end_headers()
        with contextlib.suppress(OSError):
            for change in self.objects.watch(resource, int(options.get("resourceVersion") or 0)):
                self.wfile.write(json.dumps(change).encode() + b"\n")
                self.wfile.flush()
        self.close_connection = True

    def _send(self, code: int, data: bytes, kind: str = "application/json") -> None:
        self.send_response(code)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *arguments: Any) -> None:
        """Prints nothing."""


def write_account(folder: Path) -> Path:
    """Writes the token of a pod's service account, and the certificate of the API with its key.

    The certificate is that of the stand-in of Google's services too.
    """
    names = ",".join(f"DNS:{name}" for name in google_store.NAMES)
    account = folder / "account"
    account.mkdir()
    (account / "token").write_text("token")
    (account / "namespace").write_text(NAMESPACE)
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    command += ["-subj", "/CN=kubernetes", "-addext", f"subjectAltName=IP:127.0.0.1,{names}"]
    command += ["-keyout", str(folder / PRIVATE_KEY), "-out", str(account / "ca.crt")]
    subprocess.run(command, check=True, capture_output=True)
    return account


@contextlib.contextmanager
def serve(folder: Path, account: Path) -> Iterator[Objects]:
    """Answers requests while it is needed."""
    objects = Objects()
    handler = type("ObjectsHandler", (Handler,), {"objects": objects})
    with answering(handler, PORT, (account / "ca.crt", folder / PRIVATE_KEY)):
        yield objects

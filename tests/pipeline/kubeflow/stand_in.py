"""A local HTTP server that answers the v2beta1 API as it is documented, for kfp's real client."""

from __future__ import annotations

import contextlib
import json
import re
import threading
import urllib.parse
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import yaml

from pipeline.kubeflow.launcher import ANSWER_BEGIN, ANSWER_END

CREATED = "2026-01-02T03:04:05Z"
SECRET = "a-very-secret-token"


def say(run: dict[str, Any]) -> tuple[str, str]:
    """Returns the state and the log of a run of one step that went well."""
    arguments = run["runtime_config"]["parameters"]["arguments"]
    return "SUCCEEDED", f"launching\n{ANSWER_BEGIN}\nsaid of {arguments}\n{ANSWER_END}\nended\n"


def name_pod(run_id: str, kind: str, number: int) -> str:
    """Names a pod as Argo does since 3.4."""
    return f"{run_id}-system-container-{kind}-{number}"


class State:
    """What the cluster holds, and every request that it got, in order."""

    def __init__(self) -> None:
        self.experiments: list[dict[str, Any]] = []
        self.pipelines: list[dict[str, Any]] = []
        self.versions: list[dict[str, Any]] = []
        self.runs: list[dict[str, Any]] = []
        self.recurring: list[dict[str, Any]] = []
        self.requests: list[tuple[str, str]] = []
        self.tokens: set[str] = set()
        self.refuse: dict[str, tuple[int, str]] = {}  # "POST /recurringruns" → status, message
        self.page_size = 2
        # What becomes of a run of a specification that is no uploaded pipeline: state and log.
        self.carry_out: Callable[[dict[str, Any]], tuple[str, str]] = say
        self.logs: dict[str, str] = {}  # of pods
        self.name_pod: Callable[[str, str, int], str] = name_pod
        self.version = "2.16.0"

    def both_enabled(self) -> bool:
        """Returns whether two recurring runs would fire."""
        return sum(run["mode"] == "ENABLE" for run in self.recurring) > 1


class Handler(BaseHTTPRequestHandler):
    """Routes a request to the function of its name below."""

    state: State

    def log_message(self, *arguments: Any) -> None:
        """Says nothing."""

    def do_GET(self) -> None:
        self._answer("GET")

    def do_POST(self) -> None:
        self._answer("POST")

    def do_DELETE(self) -> None:
        self._answer("DELETE")

    def _answer(self, method: str) -> None:
        url = urllib.parse.urlsplit(self.path)
        path = url.path.removeprefix("/apis/v2beta1")
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.state.requests.append((method, path))
        if self.headers.get("authorization"):
            self.state.tokens.add(self.headers["authorization"])
        query = dict(urllib.parse.parse_qsl(url.query))
        if f"{method} {path}" in self.state.refuse:
            status, message = self.state.refuse[f"{method} {path}"]
            return self._send({"code": 3, "message": message}, status)
        for pattern, function in ROUTES:
            actual = re.fullmatch(pattern, f"{method} {path}")
            if actual:
                answer = function(self.state, query, body, *actual.groups())
                return self._send(*(answer if isinstance(answer, tuple) else (answer, 200)))
        return self._send({"code": 5, "message": f"no such path {path}"}, 404)

    def _send(self, answer: Any, status: int = 200) -> None:
        plain = isinstance(answer, str)
        text = answer.encode() if plain else json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/plain" if plain else "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)


def _named(query: dict[str, str], items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Applies a filter `display_name EQUALS x`."""
    if "filter" not in query:
        return items
    (predicate,) = json.loads(query["filter"])["predicates"]
    assert predicate["key"] == "display_name"
    return [item for item in items if item["display_name"] == predicate["stringValue"]]


def healthz(state: State, query: dict[str, str], body: bytes) -> Any:
    return {"multi_user": False, "tag_name": state.version, "commit_sha": "0123"}


def list_experiments(state: State, query: dict[str, str], body: bytes) -> Any:
    return {"experiments": _named(query, state.experiments)}


def create_experiment(state: State, query: dict[str, str], body: bytes) -> Any:
    created = {**json.loads(body), "experiment_id": f"e{len(state.experiments)}"}
    state.experiments.append(created)
    return created


def list_pipelines(state: State, query: dict[str, str], body: bytes) -> Any:
    return {"pipelines": _named(query, state.pipelines)}


def _store_version(
    state: State, pipeline_id: str, name: str, query: dict[str, str], body: bytes
) -> dict[str, Any]:
    number = len(state.versions)
    version = {
        "pipeline_id": pipeline_id,
        "pipeline_version_id": f"v{number}",
        "display_name": name,
        "description": query.get("description", ""),
        "created_at": f"2026-01-02T03:04:{number:02d}Z",
    }
    state.versions.append(version)
    version["pipeline_spec"] = _specification(body)
    return version


def _specification(body: bytes) -> dict[str, Any]:
    """Returns the package in a multipart body as the API shows it: with that of the platform."""
    text = body.partition(b"\r\n\r\n")[2].rpartition(b"\r\n--")[0]
    spec, *platforms = yaml.safe_load_all(text)
    return {"pipeline_spec": spec, "platform_spec": platforms[0]} if platforms else spec


def upload_pipeline(state: State, query: dict[str, str], body: bytes) -> Any:
    if _named({"filter": _equals(query["name"])}, state.pipelines):
        return {"code": 6, "message": f"pipeline {query['name']} already exists"}, 409
    created = {"pipeline_id": f"p{len(state.pipelines)}", "display_name": query["name"]}
    state.pipelines.append(created)
    _store_version(state, created["pipeline_id"], query["name"], query, body)
    return created


def _equals(name: str) -> str:
    return json.dumps({"predicates": [{"key": "display_name", "stringValue": name}]})


def upload_version(state: State, query: dict[str, str], body: bytes) -> Any:
    assert query["name"] not in [version["display_name"] for version in state.versions]
    return _store_version(state, query["pipelineid"], query["name"], query, body)


def list_versions(state: State, query: dict[str, str], body: bytes, pipeline_id: str) -> Any:
    assert query["sort_by"] == "created_at desc"
    actual = [version for version in state.versions if version["pipeline_id"] == pipeline_id]
    newest = sorted(actual, key=lambda version: version["created_at"], reverse=True)
    return {"pipeline_versions": newest[: int(query["page_size"])]}


def get_version(
    state: State, query: dict[str, str], body: bytes, pipeline_id: str, version_id: str
) -> Any:
    (found,) = (
        version
        for version in state.versions
        if (version["pipeline_id"], version["pipeline_version_id"]) == (pipeline_id, version_id)
    )
    return found


def create_run(state: State, query: dict[str, str], body: bytes) -> Any:
    created = {**json.loads(body), "run_id": f"r{len(state.runs)}", "created_at": CREATED}
    state.runs.append(created)
    if "pipeline_spec" in created:
        created["state"], log = state.carry_out(created)
        run_id = created["run_id"]
        state.logs = {
            state.name_pod(run_id, "driver", 1): "the driver's\n",
            state.name_pod(run_id, "impl", 2): log,
        }
        # As the API server has it: what it calls pods are Argo's nodes, named by those above them.
        created["run_details"] = {
            "task_details": [
                {"display_name": "root", "child_tasks": [{"pod_name": f"{run_id}-1"}]},
                {"display_name": "driver", "child_tasks": [{"pod_name": f"{run_id}-2"}]},
                {"display_name": "executor"},
            ]
        }
    return created


def read_log(state: State, query: dict[str, str], body: bytes, run_id: str, pod: str) -> Any:
    return state.logs.get(pod) or ({"message": "no such pod"}, 404)


def read_log_of_page(state: State, query: dict[str, str], body: bytes) -> Any:
    return read_log(state, query, body, query["runid"], query["podname"])


def list_runs(state: State, query: dict[str, str], body: bytes) -> Any:
    actual = [run for run in state.runs if run["experiment_id"] == query["experiment_id"]]
    return {"runs": actual[::-1][: int(query["page_size"])]}


def get_run(state: State, query: dict[str, str], body: bytes, run_id: str) -> Any:
    return next(run for run in state.runs if run["run_id"] == run_id)


def create_recurring(state: State, query: dict[str, str], body: bytes) -> Any:
    created = {**json.loads(body), "recurring_run_id": f"s{len(state.requests)}"}
    state.recurring.append(created)
    assert not state.both_enabled()
    return created


def list_recurring(state: State, query: dict[str, str], body: bytes) -> Any:
    actual = [run for run in state.recurring if run["experiment_id"] == query["experiment_id"]]
    start = int(query.get("page_token") or 0)
    end = start + min(state.page_size, int(query["page_size"]))
    token = str(end) if end < len(actual) else ""
    # The only name in camel case, because the field is called so in recurring_run.proto.
    return {"recurringRuns": actual[start:end], "next_page_token": token}


def _set_mode(mode: str) -> Any:
    def change(state: State, query: dict[str, str], body: bytes, run_id: str) -> Any:
        for run in state.recurring:
            if run["recurring_run_id"] == run_id:
                run["mode"] = mode
        assert not state.both_enabled()
        return {}

    return change


def delete_recurring(state: State, query: dict[str, str], body: bytes, run_id: str) -> Any:
    state.recurring = [run for run in state.recurring if run["recurring_run_id"] != run_id]
    return {}


ROUTES = [
    (r"GET /healthz", healthz),
    (r"GET /experiments", list_experiments),
    (r"POST /experiments", create_experiment),
    (r"GET /pipelines", list_pipelines),
    (r"POST /pipelines/upload", upload_pipeline),
    (r"POST /pipelines/upload_version", upload_version),
    (r"GET /pipelines/([^/]+)/versions", list_versions),
    (r"GET /pipelines/([^/]+)/versions/([^/]+)", get_version),
    (r"POST /runs", create_run),
    (r"GET /runs", list_runs),
    (r"GET /runs/([^/]+)", get_run),
    (r"GET /apis/v1alpha1/runs/([^/]+)/nodes/([^/]+)/log", read_log),
    (r"GET /k8s/pod/logs", read_log_of_page),
    (r"POST /recurringruns", create_recurring),
    (r"GET /recurringruns", list_recurring),
    (r"POST /recurringruns/([^/]+):disable", _set_mode("DISABLE")),
    (r"POST /recurringruns/([^/]+):enable", _set_mode("ENABLE")),
    (r"DELETE /recurringruns/([^/]+)", delete_recurring),
]


@contextlib.contextmanager
def serve() -> Iterator[tuple[str, State]]:
    """Runs the server; yields its address and what it holds."""
    state = State()
    handler = type("BoundHandler", (Handler,), {"state": state})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, args=[0.01], daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", state
    finally:
        server.shutdown()
        server.server_close()

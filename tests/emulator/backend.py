"""One cluster without a cluster: runs an uploaded pipeline as KFP's driver and launcher do.

Written after their Go sources (backend/src/v2/driver, component/launcher_v2.go, metadata): inputs
are resolved from the producers, ExecutorInput is what the Go code writes, each attempt of a task
has an empty file system of its own, and nothing but files survives the way through the bucket. The
commands of the specification run as subprocesses.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from google.protobuf import json_format
from kfp.pipeline_spec import pipeline_spec_pb2 as pb

from tests.emulator.spec import RefusedError, Spec, Uploaded, title

REPOSITORY = Path(__file__).resolve().parents[2]
SUCCEEDED, FAILED, SKIPPED, CACHED = "succeeded", "failed", "skipped", "cached"
_NUMBERS = ("NUMBER_INTEGER", "NUMBER_DOUBLE")
# Of this process's environment a container has these: paths, and what tests say of threads and
# coverage.
_KEPT = (
    *("PATH", "LANG", "LD_LIBRARY_PATH"),
    *("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"),
    *("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"),
    "COVERAGE_PROCESS_CONFIG",
)


@dataclasses.dataclass
class Artifact:
    """One artifact as ML Metadata keeps it: type by title, everything else custom properties."""

    id: int
    uri: str
    type: str
    properties: dict[str, Any]


@dataclasses.dataclass
class Execution:
    """What became of a task."""

    task: str
    state: str
    outputs: dict[str, Artifact] = dataclasses.field(default_factory=dict)
    parameters: dict[str, Any] = dataclasses.field(default_factory=dict)
    attempts: int = 0
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    reason: str = ""
    log: str = ""


Run = dict[str, Execution]
AttemptHook = Callable[[str, int, "subprocess.Popen[bytes]"], None]


@dataclasses.dataclass
class Backend:
    """A cluster with a bucket, volumes and a metadata store.

    Attributes:
        root: Folder of everything.
        scheme: Of the bucket: minio, s3 or gs.
        new_output_file: Whether the output file is in the task's root, as since KFP 2.15.
        claims: Folder of each PersistentVolumeClaim.
    """

    root: Path
    scheme: str = "minio"
    new_output_file: bool = True
    claims: Mapping[str, Path] = dataclasses.field(default_factory=dict)
    python: str = sys.executable
    on_attempt: AttemptHook | None = None
    artifacts: list[Artifact] = dataclasses.field(default_factory=list)
    cache: dict[str, Execution] = dataclasses.field(default_factory=dict)

    def run(
        self,
        uploaded: Uploaded,
        parameters: Mapping[str, Any] | None = None,
        reuse: Mapping[str, Execution] | None = None,
    ) -> Run:
        """Runs all tasks, and none any more after one has failed.

        Args:
            uploaded: The pipeline.
            parameters: Run parameters that differ from their defaults.
            reuse: Tasks that are not run; their earlier executions are taken.
        """
        values = check_parameters(uploaded, parameters or {})
        run_id, done = str(uuid.uuid4()), Run()
        for task in uploaded.order():
            if any(execution.state == FAILED for execution in done.values()):
                done[task] = Execution(task, SKIPPED)
            elif reuse and task in reuse:
                done[task] = dataclasses.replace(reuse[task], state=CACHED)
            else:
                done[task] = self._run_task(uploaded, task, values, done, run_id)
        return done

    def _run_task(
        self, uploaded: Uploaded, task: str, values: Spec, done: Run, run_id: str
    ) -> Execution:
        executor_input = self.resolve(uploaded, task, values, done, run_id)
        key = None
        if uploaded.tasks[task].get("cachingOptions", {}).get("enableCache"):
            key = cache_key(uploaded, task, executor_input)
            if key in self.cache:
                return dataclasses.replace(self.cache[key], state=CACHED)
        execution = self._attempts(uploaded, task, executor_input)
        if key and execution.state == SUCCEEDED:
            self.cache[key] = execution
        return execution

    # -- driver ---------------------------------------------------------------------------------

    def resolve(self, uploaded: Uploaded, task: str, values: Spec, done: Run, run_id: str) -> Spec:
        """Returns ExecutorInput as the driver writes it."""
        component = uploaded.component(task)
        inputs = uploaded.tasks[task].get("inputs", {})
        parameters = {
            name: _resolve_parameter(source, values, done)
            for name, source in inputs.get("parameters", {}).items()
        }
        declared = component.get("inputDefinitions", {}).get("parameters", {})
        check_types(task, declared, parameters)
        artifacts = {}
        for name, source in inputs.get("artifacts", {}).items():
            producer = source["taskOutputArtifact"]
            artifact = done[producer["producerTask"]].outputs[producer["outputArtifactKey"]]
            artifacts[name] = {"artifacts": [_runtime_artifact(artifact)]}
        return {
            "inputs": {"parameterValues": parameters, "artifacts": artifacts},
            "outputs": self._provision(uploaded, task, run_id),
        }

    def _provision(self, uploaded: Uploaded, task: str, run_id: str) -> Spec:
        name = uploaded.spec["pipelineInfo"]["name"]
        root = uploaded.spec["defaultPipelineRoot"].rstrip("/")
        task_root = f"{root}/{name}/{run_id}/{task}/{uuid.uuid4()}"
        declared = dict(uploaded.component(task).get("outputDefinitions", {}).get("artifacts", {}))
        declared["executor-logs"] = {"artifactType": {"schemaTitle": "system.Artifact"}}
        outputs = {}
        for key, artifact in declared.items():
            entry = {
                "name": key,
                "uri": f"{task_root}/{key}",
                "type": artifact["artifactType"],
            }
            if artifact.get("metadata"):
                entry["metadata"] = artifact["metadata"]
            outputs[key] = {"artifacts": [entry]}
        file = "/tmp/kfp_outputs/output_metadata.json"
        if self.new_output_file:
            file = f"{_local(task_root)}/output_metadata.json"
        return {"artifacts": outputs, "outputFile": file}

    # -- launcher -------------------------------------------------------------------------------

    def _attempts(self, uploaded: Uploaded, task: str, executor_input: Spec) -> Execution:
        """Starts a task until it succeeds or its retries are used up."""
        allowed = 1 + uploaded.tasks[task].get("retryPolicy", {}).get("maxRetryCount", 0)
        start, cpu = time.monotonic(), _cpu_seconds()
        execution = Execution(task, FAILED)
        for attempt in range(allowed):
            folder = self.root / "pods" / f"{task}-{uuid.uuid4().hex[:8]}"
            folder.mkdir(parents=True)
            message = json.loads(json.dumps(executor_input))
            message["outputs"]["outputFile"] = str(folder) + message["outputs"]["outputFile"]
            self._download(message, folder)
            code, log = self._execute(uploaded, task, message, folder, attempt)
            execution.attempts, execution.log = attempt + 1, log
            reason = folder / "termination-log"
            execution.reason = reason.read_text() if reason.exists() else f"exit code {code}"
            if code == 0:
                execution.outputs = self._collect(task, message, folder)
                execution.state, execution.reason = SUCCEEDED, ""
                shutil.rmtree(folder)
                break
            shutil.rmtree(folder)
        execution.parameters = executor_input["inputs"]["parameterValues"]
        execution.seconds = time.monotonic() - start
        execution.cpu_seconds = _cpu_seconds() - cpu
        return execution

    def _blob(self, uri: str) -> Path:
        prefix = f"{self.scheme}://"
        if not uri.startswith(prefix):
            raise RefusedError(f"failed to parse bucketConfig for uri {uri!r}")
        return self.root / "bucket" / uri[len(prefix) :]

    def _download(self, message: Spec, folder: Path) -> None:
        """Copies the files of the inputs to where the launcher puts them."""
        for entry in message["inputs"]["artifacts"].values():
            for artifact in entry["artifacts"]:
                blob, local = (
                    self._blob(artifact["uri"]),
                    Path(f"{folder}{_local(artifact['uri'])}"),
                )
                for file in [blob] if blob.is_file() else sorted(blob.rglob("*")):
                    if file.is_file():
                        target = local / file.relative_to(blob) if file != blob else local
                        target.parent.mkdir(parents=True, exist_ok=True)
                        shutil.copyfile(file, target)
        for entry in message["outputs"]["artifacts"].values():
            for artifact in entry["artifacts"]:
                Path(f"{folder}{_local(artifact['uri'])}").parent.mkdir(parents=True, exist_ok=True)

    def _execute(
        self, uploaded: Uploaded, task: str, message: Spec, folder: Path, attempt: int
    ) -> tuple[int, str]:
        """Runs the container's command; returns exit code and log."""
        container = uploaded.container(task)
        command = [*container.get("command", []), *container.get("args", [])]
        command = [part.replace("{{$}}", json.dumps(message)) for part in command]
        if command[0] == "python":
            command[0] = self.python
        links = self._mount(uploaded, task)
        try:
            with open(folder / "log", "wb") as log:
                process = subprocess.Popen(
                    command,
                    cwd=REPOSITORY,
                    env=_environment(container, folder),
                    stdout=log,
                    stderr=subprocess.STDOUT,
                )
                if self.on_attempt:
                    self.on_attempt(task, attempt, process)
                code = process.wait(timeout=900)
        finally:
            for link in links:
                link.unlink()
        return code, (folder / "log").read_text(errors="replace")

    def _mount(self, uploaded: Uploaded, task: str) -> list[Path]:
        """Makes the task's volumes visible, and only them."""
        links = []
        for mount in uploaded.kubernetes(task).get("pvcMount", []):
            link = Path(mount["mountPath"])
            link.parent.mkdir(parents=True, exist_ok=True)
            link.symlink_to(self.claims[mount["constant"]])
            links.append(link)
        return links

    def _collect(self, task: str, message: Spec, folder: Path) -> dict[str, Artifact]:
        """Uploads the outputs and records them, as the launcher does after the command."""
        file = Path(message["outputs"]["outputFile"])
        output: Spec = {}
        if file.exists():
            text = file.read_text()
            _refuse_nulls(task, json.loads(text))
            parsed = json_format.Parse(text, pb.ExecutorOutput())
            output = json_format.MessageToDict(parsed)
        unknown = set(output.get("artifacts", {})) - set(message["outputs"]["artifacts"])
        if unknown:
            raise RefusedError(f"{task}: outputs that are not declared: {unknown}")
        actual = {}
        for name, entry in message["outputs"]["artifacts"].items():
            artifact = entry["artifacts"][0]
            told = output.get("artifacts", {}).get(name, {}).get("artifacts", [{}])[0]
            artifact["uri"] = told.get("uri") or artifact["uri"]
            metadata = {**artifact.get("metadata", {}), **told.get("metadata", {})}
            if name == "executor-logs":
                continue
            self._upload(artifact["uri"], folder)
            actual[name] = self._record(name, artifact, metadata)
        return actual

    def _upload(self, uri: str, folder: Path) -> None:
        local, blob = Path(f"{folder}{_local(uri)}"), self._blob(uri)
        files = [local] if local.is_file() else [f for f in local.rglob("*") if f.is_file()]
        for file in files:
            target = blob if file == local else blob / file.relative_to(local)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, target)

    def _record(self, name: str, artifact: Spec, metadata: Spec) -> Artifact:
        kind = title(artifact["type"])
        if not kind:
            raise RefusedError(f"{name}: No title specified")
        properties = {"display_name": name, "store_session_info": '{"Provider": "minio"}'}
        for key, value in metadata.items():
            if isinstance(value, bool):
                value = int(value)
            if not isinstance(value, str | int | float | list | dict):
                raise RefusedError(f"{name}.{key}: unknown/unsupported value type {type(value)}")
            properties[key] = value
        self.artifacts.append(Artifact(len(self.artifacts) + 1, artifact["uri"], kind, properties))
        return self.artifacts[-1]

    def files(self, artifact: Artifact) -> Path:
        """Returns where an artifact is in the bucket."""
        return self._blob(artifact.uri)


def check_parameters(uploaded: Uploaded, given: Mapping[str, Any]) -> Spec:
    """Returns the run parameters, defaults filled in; refuses as the API server does."""
    declared = uploaded.spec["root"].get("inputDefinitions", {}).get("parameters", {})
    extra = set(given) - set(declared)
    if extra:
        raise RefusedError(f"parameter(s) provided are not required by pipeline: {sorted(extra)}")
    values = {}
    for name, field in declared.items():
        if name in given:
            expected = str if field["parameterType"] == "STRING" else (int, float)
            if not isinstance(given[name], expected):  # type: ignore[arg-type]
                raise RefusedError(f"input parameter {name} requires type {field['parameterType']}")
            values[name] = given[name]
        elif "defaultValue" in field:
            values[name] = field["defaultValue"]
        elif not field.get("isOptional"):
            raise RefusedError(f"parameter {name} is not optional, yet has neither default value")
    return values


def check_types(task: str, declared: Spec, parameters: Spec) -> None:
    """Refuses parameters that are missing or of another type, as the driver does."""
    for name, field in declared.items():
        if name not in parameters:
            if field.get("isOptional") or "defaultValue" in field:
                continue
            raise RefusedError(f"{task}: neither value nor default value for {name!r}")
        value, kind = parameters[name], field["parameterType"]
        if kind == "STRING" and not isinstance(value, str):
            parameters[name] = json.dumps(value)
        elif kind in _NUMBERS:
            if isinstance(value, str):
                raise RefusedError(f"{task}: input parameter {name!r} type mismatch: expect {kind}")
            parameters[name] = float(value)  # protojson knows no integers


def cache_key(uploaded: Uploaded, task: str, executor_input: Spec) -> str:
    """Returns the fingerprint by which the driver looks up an equal execution."""
    container = uploaded.container(task)
    parts = {
        "inputs": {
            name: [artifact["name"] for artifact in entry["artifacts"]]
            for name, entry in executor_input["inputs"]["artifacts"].items()
        },
        "parameters": executor_input["inputs"]["parameterValues"],
        "outputs": {
            name: entry["artifacts"][0]["type"]
            for name, entry in executor_input["outputs"]["artifacts"].items()
        },
        "image": container["image"],
        "command": [*container.get("command", []), *container.get("args", [])],
        "claims": [m["constant"] for m in uploaded.kubernetes(task).get("pvcMount", [])],
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def _cpu_seconds() -> float:
    """Returns the processor time of all commands so far."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def kill(process: subprocess.Popen[bytes]) -> None:
    """Ends an attempt as an eviction does."""
    process.send_signal(signal.SIGKILL)


def _resolve_parameter(source: Spec, values: Spec, done: Run) -> Any:
    if "componentInputParameter" in source:
        return values[source["componentInputParameter"]]
    if "runtimeValue" in source:
        return source["runtimeValue"]["constant"]
    producer = source["taskOutputParameter"]
    return done[producer["producerTask"]].parameters[producer["outputParameterKey"]]


def _runtime_artifact(artifact: Artifact) -> Spec:
    """Returns an input as the driver writes it: without a type, every number a float."""
    metadata = {
        key: float(value) if isinstance(value, int) else value
        for key, value in artifact.properties.items()
    }
    return {
        "name": str(artifact.id),
        "uri": artifact.uri,
        "type": {"instanceSchema": ""},
        "metadata": metadata,
    }


def _local(uri: str) -> str:
    """LocalPathForURI of the launcher."""
    for scheme, folder in (("gs", "gcs"), ("minio", "minio"), ("s3", "s3")):
        if uri.startswith(f"{scheme}://"):
            return f"/{folder}/" + uri[len(scheme) + 3 :]
    raise RefusedError(f"failed to generate local path for URI {uri}: unsupported storage scheme")


def _environment(container: Spec, folder: Path) -> dict[str, str]:
    """Returns the environment of a container: the image's, and that of the specification."""
    home = folder / "home"
    home.mkdir(exist_ok=True)
    kept = {key: os.environ[key] for key in _KEPT if key in os.environ}
    return {
        **kept,
        "HOME": str(home),
        "TMPDIR": str(home),
        "PYTHONPATH": str(REPOSITORY),
        "KFP_LOCAL_ROOT": str(folder),
        "KFP_TERMINATION_LOG": str(folder / "termination-log"),
        **{entry["name"]: entry["value"] for entry in container.get("env", [])},
    }


def _refuse_nulls(task: str, output: Spec) -> None:
    """Refuses metadata without a value, which ML Metadata cannot hold."""
    for entry in output.get("artifacts", {}).values():
        for artifact in entry.get("artifacts", []):
            for key, value in artifact.get("metadata", {}).items():
                if value is None:
                    raise RefusedError(
                        f"{task}: metadata {key!r}: unknown/unsupported value type null"
                    )

"""Everything started, and what the scenarios do with it: submit, run, look at what became of it."""

from __future__ import annotations

import base64
import concurrent.futures
import contextlib
import json
import os
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.conformance.cluster import database, google_store, kubernetes_api, page
from tests.conformance.cluster.argo import Run
from tests.conformance.cluster.kubernetes_api import Objects
from tests.conformance.cluster.kubernetes_rules import Object
from tests.conformance.cluster.network import own_network
from tests.conformance.cluster.pods import PROJECT, AttemptHook, Kubelet
from tests.conformance.cluster.processes import in_a_pod, service, write_hosts
from tests.conformance.cluster.programs import Programs, build_all
from tests.conformance.source import Version

API_PORT = 8888
API, PAGE = f"http://localhost:{API_PORT}", f"http://localhost:{page.PORT}"
METADATA_PORT, OBJECT_STORE_PORT = 8080, 9000
SCHEDULER_METRICS_PORT = 9090
COMMAND_SECONDS = 1200
BUCKET = "mlpipeline"
SECRET, GOOGLE_SECRET = "mlpipeline-minio-artifact", "google-key"
CREDENTIALS = {"accesskey": "minio", "secretkey": "minio123"}


@dataclass
class Cluster:
    """Kubeflow with its services.

    Attributes:
        programs: Kubeflow's programs.
        objects: What Kubernetes keeps.
        kubelet: Starts the pods.
        google: The stand-in of Google's object store.
        folder: Of logs and of the pods.
        runs: Workflows that were run, in order.
    """

    programs: Programs
    objects: Objects
    kubelet: Kubelet
    google: google_store.Store
    folder: Path
    runs: list[Run] = field(default_factory=list)
    _submitting: threading.Lock = field(default_factory=threading.Lock)

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Runs a command of kubeflow_runner.py; it reaches the API by the service of the page."""
        return subprocess.run(
            [sys.executable, "kubeflow_runner.py", *arguments],
            cwd=PROJECT,
            env={**os.environ, "KF_PIPELINES_ENDPOINT": PAGE},
            capture_output=True,
            text=True,
            timeout=COMMAND_SECONDS,
            check=False,
        )

    def submit(self, package: Path, values: Mapping[str, Any]) -> Object:
        """Uploads a new version and creates a run of it; returns the workflow in Kubernetes.

        Raises:
            AssertionError: The command fails.
        """
        options = [
            option for name, value in values.items() for option in ("--param", f"{name}={value}")
        ]
        with self._submitting:
            known = self.workflow_names()
            done = self.command("submit", "--package", str(package), *options)
            created = self.workflow_names() - known
        assert done.returncode == 0, done.stdout + done.stderr
        assert len(created) == 1, created
        return self.objects.get("workflows", created.pop())

    def carry_out(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Runs a command that starts a run and waits for its end; meanwhile that is run.

        Raises:
            AssertionError: The command ends and has started none.
        """
        return self.carry_out_all(arguments)[0]

    def carry_out_all(self, *commands: Sequence[str]) -> list[subprocess.CompletedProcess[str]]:
        """Runs such commands at the same time.

        Raises:
            AssertionError: They end and have started fewer runs than they are.
        """
        known = self.workflow_names()
        with concurrent.futures.ThreadPoolExecutor(2 * len(commands)) as pool:
            running = [pool.submit(self.command, *arguments) for arguments in commands]
            runs = []
            for _ in commands:
                workflow = self.wait_for_workflow(known, running)
                known.add(workflow["metadata"]["name"])
                runs.append(pool.submit(self.run, workflow))
            for run in runs:
                run.result()
            return [command.result() for command in running]

    def workflow_names(self) -> set[str]:
        """Returns the names of the workflows in Kubernetes."""
        return {one["metadata"]["name"] for one in self.objects.all("workflows")}

    def wait_for_workflow(
        self, known: set[str], commands: Sequence[concurrent.futures.Future[Any]] = ()
    ) -> Object:
        """Returns the first workflow that is not known.

        Args:
            known: Names of workflows.
            commands: Those which shall make it: it is not waited for longer than they run.

        Raises:
            AssertionError: There is none.
        """
        end = time.monotonic() + COMMAND_SECONDS
        while time.monotonic() < end:
            ended = commands and all(command.done() for command in commands)
            for name in self.workflow_names() - known:
                return self.objects.get("workflows", name)
            assert not ended, [command.result() for command in commands]
            time.sleep(0.1)
        raise AssertionError(f"no workflow within {COMMAND_SECONDS} s; logs: {self.folder}")

    def run(self, workflow: Object, on_attempt: AttemptHook | None = None) -> Run:
        """Runs a workflow to its end and reports it, as the persistence agent does."""
        place = self.folder / "runs" / workflow["metadata"]["name"]
        run = Run(workflow, self.kubelet, place, on_attempt).walk()
        self.runs.append(run)
        self.report(run)
        return run

    def report(self, run: Run) -> None:
        """Tells the API server what became of a workflow."""
        name = run.workflow["metadata"]["name"]
        started = run.workflow["metadata"]["creationTimestamp"]
        times = {"startedAt": started, "finishedAt": started}
        # As Argo: the id of a node ends as the name of its pod. Of nodes in a row Argo makes each
        # the child of the one before; here all are children of the one above.
        ids = {
            label: f"{name}-{node.pod.rpartition('-')[2] or zlib.crc32(label.encode())}"
            for label, node in run.nodes.items()
        }
        nodes = {}
        for label, node in run.nodes.items():
            nodes[ids[label]] = {
                "id": ids[label],
                "name": f"{name}{label.replace('/', '.')}",
                "displayName": label.rpartition("/")[2],
                "type": "Pod" if node.pod else "DAG",
                "templateName": node.template,
                "phase": node.phase,
                "message": node.message,
                "children": [ids[one] for one in ids if one.rpartition("/")[0] == label],
                **times,
            }
        self.tell(name, {"phase": run.phase, "nodes": nodes, **times})

    def tell(self, name: str, status: Object) -> None:
        """Sets the status of a workflow and reports it to the API server."""
        self.objects.patch("workflows", name, {"status": status})
        self.post("workflows", json.dumps(self.objects.get("workflows", name)))

    @contextlib.contextmanager
    def scheduler(self) -> Iterator[None]:
        """Runs the controller that creates the runs of recurring runs, while it is needed."""
        command = [str(self.programs.scheduler), f"--namespace={kubernetes_api.NAMESPACE}"]
        command += [f"--mlPipelineAPIServerName=ml-pipeline.{kubernetes_api.NAMESPACE}"]
        inside = in_a_pod(command, self.kubelet.account, self.kubelet.hosts)
        log = self.folder / "scheduler.log"
        with service(inside, SCHEDULER_METRICS_PORT, log, _server_environment()):
            yield

    def get(self, path: str) -> Any:
        """Returns the API server's answer to GET /apis/v2beta1/PATH."""
        with urllib.request.urlopen(f"{API}/apis/v2beta1/{path}", timeout=60) as answer:
            return json.load(answer)

    def post(self, path: str, body: Any) -> Any:
        """Returns the API server's answer to POST /apis/v2beta1/PATH."""
        request = urllib.request.Request(
            f"{API}/apis/v2beta1/{path}",
            json.dumps(body).encode(),
            {"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)

    def try_post(self, path: str, body: Any) -> tuple[int, Any]:
        """Returns code and answer of a POST that the API server may refuse."""
        try:
            return 200, self.post(path, body)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)

    def allow_buckets(self) -> None:
        """Tells driver and launcher how to reach s3:// and gs://, as an administrator does."""
        private_key = self.folder / kubernetes_api.PRIVATE_KEY
        self.secret(GOOGLE_SECRET, key=google_store.account_key(private_key))
        s3 = {
            "endpoint": f"http://minio-service.{kubernetes_api.NAMESPACE}:{OBJECT_STORE_PORT}",
            "region": "us-east-1",
            "disableSSL": True,
            "credentials": {
                "fromEnv": False,
                "secretRef": {
                    "secretName": SECRET,
                    "accessKeyKey": "accesskey",
                    "secretKeyKey": "secretkey",
                },
            },
        }
        key = {"secretName": GOOGLE_SECRET, "tokenKey": "key"}
        google = {"credentials": {"fromEnv": False, "secretRef": key}}
        providers = {"s3": {"default": s3}, "gs": {"default": google}}
        thing = {"kind": "ConfigMap", "apiVersion": "v1", "metadata": {"name": "kfp-launcher"}}
        self.objects.create("configmaps", {**thing, "data": {"providers": json.dumps(providers)}})

    def secret(self, name: str, **values: str) -> None:
        """Makes a secret."""
        data = {key: base64.b64encode(value.encode()).decode() for key, value in values.items()}
        thing = {"kind": "Secret", "apiVersion": "v1", "metadata": {"name": name}, "data": data}
        self.objects.create("secrets", thing)


@contextlib.contextmanager
def start(version: Version, folder: Path, claims: Mapping[str, Path]) -> Iterator[Cluster]:
    """Builds what is missing, and runs the cluster while it is needed.

    Args:
        version: Version of Kubeflow.
        folder: For everything that is written.
        claims: Folder of each PersistentVolumeClaim; the steps' user must be able to write there.
    """
    programs = build_all(version)
    hosts = write_hosts(folder / "hosts")
    account = kubernetes_api.write_account(folder)
    with contextlib.ExitStack() as started:
        started.enter_context(own_network())
        objects = started.enter_context(kubernetes_api.serve(folder, account))
        started.enter_context(database.database(folder))
        private_key = folder / kubernetes_api.PRIVATE_KEY
        google, _ = started.enter_context(
            google_store.serve(BUCKET, account / "ca.crt", private_key)
        )
        store = [str(programs.object_store), str(OBJECT_STORE_PORT), BUCKET]
        started.enter_context(service(store, OBJECT_STORE_PORT, folder / "object-store.log"))
        module = "tests.conformance.cluster.metadata_server"
        metadata = [sys.executable, "-m", module, str(METADATA_PORT)]
        started.enter_context(service(metadata, METADATA_PORT, folder / "metadata.log"))
        server = in_a_pod(_api_server(programs, folder), account, hosts)
        log = folder / "api-server.log"
        started.enter_context(service(server, API_PORT, log, _server_environment()))
        started.enter_context(page.serve(objects, API_PORT))
        pods = folder / "pods"
        pods.mkdir()
        kubelet = Kubelet(pods, programs, objects, claims, account, hosts)
        cluster = Cluster(programs, objects, kubelet, google, folder)
        cluster.secret(SECRET, **CREDENTIALS)
        yield cluster


def _api_server(programs: Programs, folder: Path) -> list[str]:
    """Writes the settings of the API server; returns its command."""
    settings = json.loads((programs.config / "config.json").read_text())
    settings["DBDriverName"] = "mysql"
    place = {"User": "root", "Password": "", "Host": "127.0.0.1", "Port": str(database.PORT)}
    settings["DBConfig"]["MySQLConfig"] |= place
    settings["ObjectStoreConfig"] |= {
        "Host": "127.0.0.1",
        "Port": str(OBJECT_STORE_PORT),
        "Region": "us-east-1",
        "Secure": False,
    }
    settings["InitConnectionTimeout"] = "60s"
    config = folder / "api-server"
    config.mkdir()
    (config / "config.json").write_text(json.dumps(settings))
    samples = config / "samples.json"
    samples.write_text("[]")
    return [str(programs.api_server), f"--config={config}", f"--sampleconfig={samples}"]


def _server_environment() -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "HOME": "/tmp",
        "KUBERNETES_SERVICE_HOST": "127.0.0.1",
        "KUBERNETES_SERVICE_PORT": str(kubernetes_api.PORT),
        "POD_NAMESPACE": kubernetes_api.NAMESPACE,
        "ML_PIPELINE_VISUALIZATIONSERVER_SERVICE_HOST": "localhost",
        "ML_PIPELINE_VISUALIZATIONSERVER_SERVICE_PORT": "8889",
    }

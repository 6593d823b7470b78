"""A run of one step: start it, wait for its end, and read what it said."""

from __future__ import annotations

import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from pipeline.kubeflow.client.connection import ClusterError, cluster_errors, link, required
from pipeline.kubeflow.client.runs import experiment_id
from pipeline.kubeflow.launcher import ANSWER_BEGIN, ANSWER_END
from pipeline.kubeflow.served.one_step import ARGUMENTS

POLL_SECONDS = 2.0
# Of Kubeflow's workflows: the pods of steps that are tried once.
TEMPLATE = "system-container-impl"
SUCCEEDED = "SUCCEEDED"
_ENDED = (SUCCEEDED, "FAILED", "CANCELED", "SKIPPED")
_ERROR, _WARNING = "error: ", "Warning: "


@dataclass(frozen=True)
class Started:
    """A run that was started: its id and the address of its page."""

    run_id: str
    link: str


@dataclass(frozen=True)
class Answer:
    """What the step said: lines for standard output, and lines that warn."""

    lines: list[str]
    warnings: list[str]


def start(
    client: Any,
    experiment: str,
    name: str,
    text: str,
    root: str,
    arguments: str,
    account: str | None,
) -> Started:
    """Starts a run of a specification (`text`) that is no uploaded pipeline.

    Its artifacts go below `root`; `arguments` is the value of its run parameter. The account of its
    pods is the cluster's default for None.

    Raises:
        ClusterError: The cluster did not take it.
    """
    with tempfile.TemporaryDirectory() as folder, cluster_errors():
        package = Path(folder) / "one_step.yaml"
        package.write_text(text, encoding="utf-8")
        run = client.run_pipeline(
            experiment_id=experiment_id(client, experiment),
            job_name=name,
            pipeline_package_path=str(package),
            params={ARGUMENTS: arguments},
            pipeline_root=root,
            service_account=account,
        )
        run_id = required(run.run_id, "run")
        return Started(run_id, link(client, f"runs/details/{run_id}"))


def wait(client: Any, started: Started, seconds: float) -> Any:
    """Waits for the end of a run; returns it.

    Raises:
        ClusterError: It has not ended in time, or the cluster did not answer.
    """
    until = time.monotonic() + seconds
    while True:
        with cluster_errors():
            run = client.get_run(started.run_id)
        if str(run.state) in _ENDED:
            return run
        if time.monotonic() >= until:
            raise ClusterError(
                f"the run has not ended after {seconds:g} s and goes on; look at {started.link}"
            )
        time.sleep(POLL_SECONDS)


def read(client: Any, started: Started, run: Any, namespace: str) -> Answer | None:
    """Returns what the step of a run said; None where no log of it can be read.

    Raises:
        ClusterError: The step failed; with its reason.
    """
    log = _log(client, started, run, namespace)
    if str(run.state) != SUCCEEDED:
        reason = _reason(run, log) or f"its state is {run.state}"
        raise ClusterError(f"the run failed on the cluster: {reason}; see {started.link}")
    lines = log.splitlines()
    if ANSWER_BEGIN not in lines or ANSWER_END not in lines:
        return None
    said = lines[lines.index(ANSWER_BEGIN) + 1 : lines.index(ANSWER_END)]
    return Answer(said, [line for line in lines if line.startswith(_WARNING)])


def _reason(run: Any, log: str) -> str:
    """Returns why a step failed: its own sentence, or else what the cluster says."""
    own = [line[len(_ERROR) :] for line in log.splitlines() if line.startswith(_ERROR)]
    messages = [getattr(task.error, "message", None) for task in _tasks(run)]
    return next((text for text in (*own[::-1], *messages) if text), "")


def _tasks(run: Any) -> list[Any]:
    return list((run.run_details and run.run_details.task_details) or [])


def _log(client: Any, started: Started, run: Any, namespace: str) -> str:
    """Returns the log of the step's container, from whichever service gives it.

    The API server itself and the service of the page have different addresses for it. A run has
    more pods than steps; the one of the step is known by what it says.
    """
    fallback = ""
    for pod in _pods(run):
        for address in _addresses(started.run_id, pod, namespace):
            text = client.read_text(address) or ""
            if ANSWER_BEGIN in text or f"\n{_ERROR}" in f"\n{text}":
                return text
            fallback = fallback or text
    return fallback


def _pods(run: Any) -> list[str]:
    """Returns the names that the step's pod may have.

    What the API server calls the name of a pod is the id of a node, WORKFLOW-NUMBER, of which Argo
    makes the name of the pod, WORKFLOW-TEMPLATE-NUMBER; before Argo 3.4 both were the same.
    """
    nodes = [task.pod_name for task in _tasks(run)]
    nodes += [child.pod_name for task in _tasks(run) for child in task.child_tasks or []]
    parts = [node.rpartition("-") for node in nodes if node]
    named = [f"{workflow}-{TEMPLATE}-{number}" for workflow, _, number in parts]
    return list(dict.fromkeys((*named, *filter(None, nodes))))


def _addresses(run_id: str, pod: str, namespace: str) -> list[str]:
    page = urlencode({"podname": pod, "runid": run_id, "podnamespace": namespace})
    return [
        f"/apis/v1alpha1/runs/{quote(run_id, safe='')}/nodes/{quote(pod, safe='')}/log",
        f"/k8s/pod/logs?{page}",
    ]

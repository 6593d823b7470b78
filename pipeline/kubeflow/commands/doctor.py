"""The command that says what a cluster lacks to run the pipeline."""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterator

from components.errors import UserError
from pipeline.kubeflow.client import connection
from pipeline.kubeflow.client.connection import ClusterError
from pipeline.kubeflow.commands.options import add_cluster, add_package
from pipeline.kubeflow.doctor import images, kubernetes_api, nodes, permissions, pipelines, storage
from pipeline.kubeflow.doctor.finding import NOTE, OK, PROBLEM, UNKNOWN, Finding, problem, unknown
from pipeline.kubeflow.served import compiled
from pipeline.terminal import AnswerScreen, print_line

NAME = "doctor"
HELP = "say what the cluster lacks, and what to do; changes nothing"
_STYLES = {OK: "green", NOTE: "yellow", PROBLEM: "bold red", UNKNOWN: "cyan"}
_WITHOUT = "set KUBECONFIG, as for kubectl: claims, secrets, nodes and rights are looked at then"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the command's options."""
    add_cluster(parser)
    add_package(parser)
    parser.add_argument(
        "--service-account",
        default="pipeline-runner",
        metavar="NAME",
        help="account of the runs (default: pipeline-runner, Kubeflow's own)",
    )
    parser.add_argument("--context", metavar="NAME", help="context of the kubeconfig")


def run(arguments: argparse.Namespace) -> None:
    """Prints the findings.

    Raises:
        ClusterError: There is a problem.
    """
    package = compiled.read(arguments.package)
    screen, seen = AnswerScreen(), Counter[str]()
    for finding in findings(package, arguments):
        seen[finding.state] += 1
        print_line(screen, f"{finding.state:8} {finding.text}", _STYLES[finding.state])
        if finding.advice:
            print_line(screen, f"         → {finding.advice}")
    counted = [f"{seen[state]} {state}" for state in _STYLES if seen[state]]
    print_line(screen, f"in all: {', '.join(counted)}")
    if seen[PROBLEM]:
        raise ClusterError("the cluster lacks what a run needs; see each `problem` above")


def findings(package: compiled.Compiled, arguments: argparse.Namespace) -> Iterator[Finding]:
    """Yields all findings: of Kubeflow Pipelines, then of Kubernetes."""
    yield from _of_pipelines(package, arguments)
    try:
        cluster = kubernetes_api.connect(arguments.context)
        if cluster is None:
            yield unknown("Kubernetes: nothing says where its API is", _WITHOUT)
            yield from images.look_at_images([], package)
            return
        yield from _of_kubernetes(cluster, package, arguments)
    except (ClusterError, UserError) as error:
        yield problem(f"Kubernetes: {error}", "kubectl version, with the same KUBECONFIG")
    except (KeyError, TypeError, AttributeError, ValueError) as error:  # any JSON may come
        yield problem(
            f"Kubernetes: what answers is not its API ({type(error).__name__})",
            "kubectl version, with the same KUBECONFIG",
        )


def _of_pipelines(package: compiled.Compiled, arguments: argparse.Namespace) -> Iterator[Finding]:
    try:
        client = connection.connect(arguments.host, arguments.namespace)
        yield from pipelines.look(client, package.name, arguments.experiment, arguments.namespace)
    except ClusterError as error:
        yield problem(
            f"Kubeflow Pipelines: {error}",
            "kubectl port-forward -n kubeflow svc/ml-pipeline-ui 8080:80, then "
            "--host http://localhost:8080",
        )


def _of_kubernetes(
    cluster: kubernetes_api.Cluster, package: compiled.Compiled, arguments: argparse.Namespace
) -> Iterator[Finding]:
    namespace = arguments.namespace or "kubeflow"
    version = cluster.get("/version") or {}
    yield Finding(OK, f"Kubernetes {version.get('gitVersion', '')} answers".replace("  ", " "))
    yield from storage.look_at_claims(cluster, package, namespace)
    yield from storage.look_at_secrets(cluster, package, namespace)
    yield from permissions.look_at_account(cluster, namespace, arguments.service_account)
    try:
        found = nodes.read_nodes(cluster.get("/api/v1/nodes") or {})
        yield from nodes.look_at_nodes(found, package)
    except kubernetes_api.DeniedError:
        found = []
        yield unknown("nodes: may not be listed", "an administrator: kubectl get nodes")
    yield from images.look_at_images(found, package)

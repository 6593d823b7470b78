"""Claims and secrets that the compiled pipeline names."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pipeline.kubeflow.doctor.finding import Finding, note, ok, problem, unknown
from pipeline.kubeflow.doctor.kubernetes_api import Cluster, DeniedError
from pipeline.kubeflow.served.compiled import Compiled

OBJECT_STORE_SECRET = "mlpipeline-minio-artifact"
_MANY = "ReadWriteMany"
_OF_SECRETS = ("secretAsEnv", "secretAsVolume", "imagePullSecret")


def look_at_claims(cluster: Cluster, compiled: Compiled, namespace: str) -> Iterator[Finding]:
    """Yields a finding for each claim."""
    for claim in sorted(set(compiled.mounts.values())):
        path = f"/api/v1/namespaces/{namespace}/persistentvolumeclaims/{claim}"
        try:
            yield claim_finding(claim, namespace, cluster.get(path))
        except DeniedError:
            yield unknown(f"claim {claim}: may not be read", f"kubectl get pvc -n {namespace}")


def claim_finding(claim: str, namespace: str, answer: dict[str, Any] | None) -> Finding:
    """Returns what the state of a claim means."""
    if answer is None:
        return problem(
            f"claim {claim}: there is none in {namespace}",
            f"kubectl apply -n {namespace} -k deploy/storage, or compile with another --pvc",
        )
    phase = (answer.get("status") or {}).get("phase")
    modes = (answer.get("spec") or {}).get("accessModes") or []
    if phase == "Lost":
        return problem(
            f"claim {claim}: its volume is lost",
            f"kubectl describe pvc -n {namespace} {claim}",
        )
    if phase != "Bound":
        return note(
            f"claim {claim}: {phase}; it may wait for its first pod",
            f"if it stays so: kubectl describe pvc -n {namespace} {claim}",
        )
    if _MANY not in modes:
        return note(
            f"claim {claim}: bound, {', '.join(modes)}",
            f"steps and servers can use it on one node at a time; {_MANY} is for several",
        )
    return ok(f"claim {claim}: bound, {_MANY}")


def secrets(compiled: Compiled) -> set[str]:
    """Returns the names of the secrets that steps and launcher use."""
    named = {
        entry.get("secretName")
        or ((entry.get("secretNameParameter") or {}).get("runtimeValue") or {}).get("constant")
        for executor in compiled.executors.values()
        for kind in _OF_SECRETS
        for entry in executor.get(kind, [])
    }
    if compiled.pipeline_root.startswith("minio://"):
        named.add(OBJECT_STORE_SECRET)
    return {name for name in named if isinstance(name, str) and name}


def look_at_secrets(cluster: Cluster, compiled: Compiled, namespace: str) -> Iterator[Finding]:
    """Yields a finding for each secret; its content is not read."""
    for name in sorted(secrets(compiled)):
        path = f"/api/v1/namespaces/{namespace}/secrets/{name}"
        try:
            if cluster.get(path, only_metadata=True) is not None:
                yield ok(f"secret {name}: is there")
                continue
        except DeniedError:
            how = f"kubectl get secret -n {namespace} {name}"
            yield unknown(f"secret {name}: may not be looked at", how)
            continue
        if name == OBJECT_STORE_SECRET:
            how = "Kubeflow makes it in the namespaces of its users; the launcher needs it"
        else:
            how = f"kubectl create secret generic -n {namespace} {name} --from-file=KEY=FILE"
        yield problem(f"secret {name}: there is none in {namespace}", how)

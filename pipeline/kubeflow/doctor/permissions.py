"""What the account of the runs must be allowed, and whether it is."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.kubeflow.doctor.finding import Finding, ok, problem, unknown
from pipeline.kubeflow.doctor.kubernetes_api import Cluster, DeniedError
from pipeline.kubeflow.doctor.storage import OBJECT_STORE_SECRET

# The rules of deploy/pipeline/role.yaml: (group, resource, name) → verbs.
NEEDED: dict[tuple[str, str, str], tuple[str, ...]] = {
    ("", "pods", ""): ("get", "list", "watch"),
    ("", "pods/log", ""): ("get",),
    ("", "configmaps", "kfp-launcher"): ("get",),
    ("", "secrets", OBJECT_STORE_SECRET): ("get",),
    ("argoproj.io", "workflowtaskresults", ""): ("create", "patch"),
}
_HOW = "kubectl apply -n {namespace} -k deploy/pipeline makes an account that may"


def look_at_account(cluster: Cluster, namespace: str, account: str) -> Iterator[Finding]:
    """Yields whether the account of the runs is there, and what it lacks."""
    how = _HOW.format(namespace=namespace)
    try:
        path = f"/api/v1/namespaces/{namespace}/serviceaccounts/{account}"
        if cluster.get(path) is None:
            yield problem(f"account {account}: there is none in {namespace}", how)
            return
    except DeniedError:
        yield unknown(f"account {account}: may not be read", f"kubectl get sa -n {namespace}")
    try:
        lacking = missing_rights(cluster, namespace, account)
    except DeniedError:
        yield unknown(
            f"rights of account {account}: who asks may not know",
            "an administrator: kubectl auth can-i --list "
            f"--as=system:serviceaccount:{namespace}:{account} -n {namespace}",
        )
        return
    if lacking:
        yield problem(f"account {account}: may not {', '.join(lacking)}", how)
    else:
        yield ok(f"account {account}: may do what launcher and Argo need")


def missing_rights(cluster: Cluster, namespace: str, account: str) -> list[str]:
    """Returns what an account may not do of what it needs, as `get pods`.

    Raises:
        DeniedError: Whoever asks may not know.
        ClusterError: There is no answer.
    """
    user = f"system:serviceaccount:{namespace}:{account}"
    lacking = []
    for (group, resource, name), verbs in NEEDED.items():
        kind, _, part = resource.partition("/")
        for verb in verbs:
            attributes = {
                **{"verb": verb, "group": group, "resource": kind, "subresource": part},
                **{"name": name, "namespace": namespace},
            }
            if not cluster.is_allowed(user, attributes):
                lacking.append(" ".join(filter(None, (verb, resource, name))))
    return lacking

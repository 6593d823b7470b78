"""The API of Kubernetes, read with limits of time and size.

Where it is and who asks come from KUBECONFIG, ~/.kube/config or the pod's own account, as for
kubectl.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from components.deadline import within
from components.errors import ConfigError, shown
from pipeline.kubeflow.client.bounded_client import ANSWER_SECONDS, CONNECT_SECONDS, content
from pipeline.kubeflow.client.connection import ClusterError

KUBECONFIG = "KUBECONFIG"
# Names and labels, and nothing that is in an object: for secrets.
_ONLY_METADATA = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1"
_DENIED = (401, 403)


class DeniedError(Exception):
    """Whoever asks may not know."""


class Cluster:
    """Answers of the API as dicts."""

    def __init__(self, api: Any) -> None:
        """Takes the `kubernetes` package's ApiClient."""
        self._api = api
        self.host: str = api.configuration.host

    def get(self, path: str, only_metadata: bool = False) -> dict[str, Any] | None:
        """Returns the object at a path; None where there is none.

        Args:
            path: As in /api/v1/namespaces/kubeflow.
            only_metadata: Whether what is in the object stays on the cluster.

        Raises:
            DeniedError: It may not be read.
            ClusterError: There is no answer.
        """
        accept = _ONLY_METADATA if only_metadata else "application/json"
        return self._ask("GET", path, accept)

    def is_allowed(self, user: str, attributes: dict[str, str]) -> bool:
        """Returns whether a user may do something.

        Args:
            user: As in system:serviceaccount:kubeflow:pipeline-runner.
            attributes: Verb, group, resource, name and namespace.

        Raises:
            DeniedError: Whoever asks may not know.
            ClusterError: There is no answer.
        """
        review = {
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SubjectAccessReview",
            "spec": {"user": user, "resourceAttributes": attributes},
        }
        path = "/apis/authorization.k8s.io/v1/subjectaccessreviews"
        answer = self._ask("POST", path, "application/json", review) or {}
        return bool((answer.get("status") or {}).get("allowed"))

    def _ask(self, method: str, path: str, accept: str, body: Any = None) -> dict[str, Any] | None:
        from kubernetes.client.exceptions import ApiException
        from urllib3.exceptions import HTTPError

        def ask() -> bytes:
            answer = self._api.call_api(
                path,
                method,
                header_params={"Accept": accept, "Content-Type": "application/json"},
                body=body,
                auth_settings=["BearerToken"],
                _preload_content=False,
                _return_http_data_only=True,
                _request_timeout=(CONNECT_SECONDS, ANSWER_SECONDS),
            )
            if (text := content(answer)) is None:
                raise ValueError("the answer has no end")
            return text

        try:
            document = json.loads(within(CONNECT_SECONDS + ANSWER_SECONDS, ask))
        except ApiException as error:
            if error.status == 404:
                return None
            if error.status in _DENIED:
                raise DeniedError from None
            raise ClusterError(f"Kubernetes refused {path}: status {error.status}") from None
        except (HTTPError, OSError, ValueError, RecursionError) as error:
            raise ClusterError(
                f"Kubernetes does not answer at {shown(self.host, quote=False)}: "
                f"{type(error).__name__}"
            ) from None
        if not isinstance(document, dict):
            raise ClusterError(f"{shown(self.host, quote=False)} is no API of Kubernetes")
        return document


def connect(context: str | None) -> Cluster | None:
    """Returns the cluster of a context, of the current one for None; None where nothing names it.

    Raises:
        ConfigError: The kubeconfig cannot be read.
    """
    import urllib3
    import yaml
    from kubernetes import client, config

    configuration = client.Configuration()
    path = Path(os.environ.get(KUBECONFIG) or "~/.kube/config").expanduser()
    try:
        # KUBECONFIG may name several files.
        if os.environ.get(KUBECONFIG) or path.exists():
            config.load_kube_config(str(path), context, configuration, persist_config=False)
        else:
            config.load_incluster_config(configuration)
    except config.ConfigException as error:
        if context is None and not os.environ.get(KUBECONFIG) and not path.exists():
            return None
        problem = shown(" ".join(str(error).split()), 300, quote=False)
        raise ConfigError(f"kubeconfig {shown(path, quote=False)}: {problem}") from error
    except (OSError, ValueError, KeyError, TypeError, AttributeError, yaml.YAMLError) as error:
        raise ConfigError(
            f"kubeconfig {shown(path, quote=False)} cannot be read ({type(error).__name__})"
        ) from error
    configuration.retries = urllib3.Retry(total=0)
    return Cluster(client.ApiClient(configuration))

"""The connection to the cluster, and its errors in one line.

Where the cluster is and who asks come from kfp's own environment variables (KF_PIPELINES_ENDPOINT,
KF_PIPELINES_UI_ENDPOINT, …), KF_PIPELINES_TOKEN, or ~/.config/kfp/context.json. A token is never an
argument and never printed.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import warnings
from collections.abc import Iterator
from typing import Any

TOKEN_VARIABLE = "KF_PIPELINES_TOKEN"


class ClusterError(Exception):
    """The cluster did not answer, or said no; one line without secrets."""


def connect(host: str | None = None, namespace: str | None = None) -> Any:
    """Returns kfp's client.

    Args:
        host: Address of the API; default: kfp's own conventions.
        namespace: Kubernetes namespace of a multi-user cluster.

    Raises:
        ClusterError: It cannot be reached.
    """
    warnings.filterwarnings("ignore", message="This client only works", category=FutureWarning)
    import kfp

    options: dict[str, Any] = {"host": host, "namespace": namespace or "kubeflow"}
    if os.environ.get(TOKEN_VARIABLE):
        options["existing_token"] = os.environ[TOKEN_VARIABLE]
    with cluster_errors():
        return kfp.Client(**options)


@contextlib.contextmanager
def cluster_errors() -> Iterator[None]:
    """Turns kfp's exceptions into a ClusterError of one line, and keeps kfp from printing."""
    import kfp_server_api
    import urllib3

    try:
        with contextlib.redirect_stdout(io.StringIO()):
            yield
    except kfp_server_api.ApiException as error:
        raise ClusterError(f"the cluster refused: {_reason(error)}") from None
    except urllib3.exceptions.HTTPError as error:
        raise ClusterError(f"the cluster cannot be reached: {_short(error)}") from None
    except ValueError as error:  # what kfp makes of two pipelines of one name, for example
        raise ClusterError(_short(error)) from None


def _reason(error: Any) -> str:
    """Returns status and message of an answer, without its headers."""
    try:
        body = json.loads(error.body)
        message = body.get("message") or body.get("error_message") or body.get("error") or ""
    except (TypeError, ValueError, AttributeError):
        message = ""
    return f"{error.status} {error.reason}{': ' if message else ''}{message}"


def _short(error: Exception) -> str:
    return " ".join(str(getattr(error, "reason", None) or error).split())[:300]


def link(client: Any, page: str) -> str:
    """Returns the address of a page for people."""
    return f"{client._get_url_prefix()}/#/{page}"

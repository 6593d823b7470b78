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

from components.errors import ConfigError, StatedError, shown
from pipeline.web_address import web_address

TOKEN_VARIABLE = "KF_PIPELINES_TOKEN"
HOST_VARIABLE = "KF_PIPELINES_ENDPOINT"
_ADVICE = {
    401: f"check {TOKEN_VARIABLE}",
    403: f"check {TOKEN_VARIABLE} and --namespace",
    404: f"check that --host or {HOST_VARIABLE} is the API of Kubeflow Pipelines 2",
}
_ADVICE_5XX = "look at the log of the API server, ml-pipeline, or try again later"


class ClusterError(StatedError):
    """The cluster did not answer, or said no; one line without secrets."""


def connect(host: str | None = None, namespace: str | None = None) -> Any:
    """Returns kfp's client.

    Args:
        host: Address of the API; default: kfp's own conventions.
        namespace: Kubernetes namespace of a multi-user cluster.

    Raises:
        ClusterError: It cannot be reached.
        ConfigError: Address, token or kfp's own context file are none.
    """
    warnings.filterwarnings("ignore", message="This client only works", category=FutureWarning)
    check_host(host, "--host")
    check_host(os.environ.get(HOST_VARIABLE) or None, HOST_VARIABLE)
    options: dict[str, Any] = {"host": host, "namespace": namespace or "kubeflow"}
    if token := os.environ.get(TOKEN_VARIABLE, "").strip():
        if not (token.isascii() and token.isprintable()):
            raise ConfigError(f"{TOKEN_VARIABLE}: a token has printable ASCII characters only")
        options["existing_token"] = token
    from pipeline.kubeflow.client.bounded_client import BoundedClient

    with cluster_errors():
        return BoundedClient(**options)


def check_host(host: str | None, what: str) -> None:
    """Refuses an address that is none; `what` says where it is from, for messages.

    Raises:
        ConfigError: It is no http(s) URL and no host name, or holds a password.
    """
    if host is None:
        return
    parts = web_address(host if "://" in host else f"https://{host}")
    if parts is None or not host.isprintable() or " " in host:
        raise ConfigError(f"{what}: {shown(host)} is no address; accepted: http(s)://HOST:PORT")
    if parts.username is not None:
        raise ConfigError(f"{what}: no user and password in the address; {TOKEN_VARIABLE} is read")


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
    except (TypeError, AttributeError, KeyError) as error:  # kfp takes any JSON for an answer
        raise ClusterError(
            "the cluster answered what is not of Kubeflow Pipelines 2 "
            f"({type(error).__name__}); check --host or {HOST_VARIABLE}"
        ) from None


def _reason(error: Any) -> str:
    """Returns status and message of an answer without its headers, and what to check."""
    try:
        body = json.loads(error.body)
        message = body.get("message") or body.get("error_message") or body.get("error") or ""
    except (TypeError, ValueError, AttributeError, RecursionError):
        message = ""
    status = error.status or 0
    said = f"{status or ''} {error.reason or ''}".strip() + (f": {message}" if message else "")
    advice = _ADVICE.get(status, _ADVICE_5XX if status >= 500 else "")
    return _one_line(said) + (f"; {advice}" if advice else "")


def _short(error: Exception) -> str:
    return _one_line(str(getattr(error, "reason", None) or error))


def _one_line(text: str) -> str:
    return shown(" ".join(text.split()), 300, quote=False)


def required(value: Any, what: str) -> str:
    """Returns an id that the cluster gave.

    Raises:
        ClusterError: It gave none.
    """
    if not (isinstance(value, str) and value):
        raise ClusterError(
            f"the cluster answered without the id of the {what}; check that --host or "
            f"{HOST_VARIABLE} is the API of Kubeflow Pipelines 2"
        )
    return value


def link(client: Any, page: str) -> str:
    """Returns the address of a page for people."""
    return f"{client._get_url_prefix()}/#/{page}"

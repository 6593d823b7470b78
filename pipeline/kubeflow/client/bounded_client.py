"""kfp's client with limits of time, and with a look at what is answered.

kfp waits for ever, asks five times whether the server is well, and takes a page of HTML for an
answer without content: `status` would say that there is no run.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import kfp
import kfp_server_api
import urllib3

from components.deadline import within
from components.errors import ConfigError, shown
from pipeline.kubeflow.client.connection import ClusterError

CONNECT_SECONDS = 10
ANSWER_SECONDS = 30
MOST_BYTES = 64 << 20
_CHECK = "check --host or KF_PIPELINES_ENDPOINT"


class BoundedClient(kfp.Client):
    """kfp's client; every request ends in time, with JSON or a ClusterError."""

    def __init__(self, **options: Any) -> None:
        """Initializes; kfp may ask for the server's health here."""
        super().__init__(**options)
        self._bound()

    def _bound(self) -> None:
        """Puts the limits around every request; all of kfp's services share one REST client."""
        rest = self._healthz_api.api_client.rest_client
        if not isinstance(rest.request, _Bounded):
            rest.request = _Bounded(rest.request)
            rest.pool_manager.request = functools.partial(_whole, rest.pool_manager.request)

    def _load_config(self, *args: Any, **kwargs: Any) -> Any:
        """Returns kfp's settings, without the repetitions that would multiply the time."""
        config = super()._load_config(*args, **kwargs)
        config.retries = urllib3.Retry(total=3, connect=0, read=0, status=0, other=0)
        return config

    def _load_context_setting_or_default(self) -> None:
        """Reads kfp's own context file."""
        try:
            super()._load_context_setting_or_default()
            self._context_setting["namespace"]
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise ConfigError(
                f"{self._LOCAL_KFP_CONTEXT}: kfp's settings cannot be read "
                f"({type(error).__name__}); accepted: JSON with a namespace"
            ) from error

    def get_kfp_healthz(self, sleep_duration: int = 0) -> Any:
        """Asks once, where kfp asks five times."""
        self._bound()
        api = self._healthz_api  # newer releases have longer names
        ask = getattr(api, "get_healthz", None) or api.healthz_service_get_healthz
        return ask()

    def read_text(self, address: str) -> str | None:
        """Returns the text at an address of the API's host; None where there is none.

        Args:
            address: Path and query. A log has no operation in kfp's client.

        Raises:
            ClusterError: The host does not answer.
        """
        api = self._healthz_api.api_client
        headers = {**api.default_headers, **({"Cookie": api.cookie} if api.cookie else {})}
        api.update_params_for_auth(headers, [], ["Bearer"])
        try:
            answer = api.rest_client.request.text(api.configuration.host + address, headers)
        except kfp_server_api.ApiException:
            return None
        return answer.decode("utf-8", "replace")


class _Bounded:
    """A request of kfp's REST client with a limit for the whole exchange."""

    def __init__(self, request: Callable[..., Any]) -> None:
        self._request = request

    def __call__(self, method: str, url: str, *args: Any, **kwargs: Any) -> Any:
        """Sends the request; returns the answer.

        Raises:
            ClusterError: There is none in time, or it is not JSON.
            ApiException: The server refuses.
        """
        answer = self._ask(method, url, *args, **kwargs)
        _check_json(answer, _address(url))
        return answer

    def text(self, url: str, headers: dict[str, str]) -> bytes:
        """Returns the bytes of an answer that need not be JSON.

        Raises:
            ClusterError: There is none in time.
            ApiException: The server refuses.
        """
        data = self._ask("GET", url, headers=headers).data
        return data.encode() if isinstance(data, str) else bytes(data or b"")

    def _ask(self, method: str, url: str, *args: Any, **kwargs: Any) -> Any:
        kwargs["_request_timeout"] = (CONNECT_SECONDS, ANSWER_SECONDS)
        where = _address(url)
        try:
            return within(
                CONNECT_SECONDS + ANSWER_SECONDS,
                lambda: self._request(method, url, *args, **kwargs),
            )
        except kfp_server_api.ApiException as error:
            if isinstance(error.body, bytes):  # kfp decodes it, whatever it is
                error.body = error.body.decode("utf-8", "replace").encode()
            raise
        except (urllib3.exceptions.HTTPError, TimeoutError) as error:
            raise ClusterError(
                f"the cluster cannot be reached at {where}: {_why(error)}; {_CHECK}"
            ) from None


def _whole(request: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Returns an answer that has been read, up to a size.

    Raises:
        ClusterError: It is larger.
    """
    kwargs.update(preload_content=False, enforce_content_length=True)
    answer = request(*args, **kwargs)
    answer._body = content(answer)  # where urllib3 keeps what it has read itself
    if answer._body is None:
        answer.close()
        raise ClusterError(f"the cluster answered more than {MOST_BYTES:,} bytes; {_CHECK}")
    return answer


def content(answer: Any) -> bytes | None:
    """Returns the content of an answer of urllib3; None where it has more than MOST_BYTES."""
    parts, size = [], 0
    for part in answer.stream(1 << 16):
        parts.append(part)
        size += len(part)
        if size > MOST_BYTES:
            return None
    return b"".join(parts)


def _address(url: str) -> str:
    """Returns scheme, host and port of a URL: the rest may hold what is secret."""
    try:
        parts = urlsplit(url)
        port = f":{parts.port}" if parts.port else ""
        return shown(f"{parts.scheme}://{parts.hostname}{port}", quote=False)
    except ValueError:
        return "its address"


def _why(error: BaseException) -> str:
    """Says why there is no answer, without the objects in the texts of libraries."""
    chain: list[BaseException] = []
    following: Any = error
    while isinstance(following, BaseException) and following not in chain:
        chain.append(following)
        reason = getattr(following, "reason", None)
        inner = [one for one in following.args if isinstance(one, BaseException)]
        following = reason if isinstance(reason, BaseException) else None
        following = following or (inner[0] if inner else chain[-1].__cause__)
        following = following or chain[-1].__context__
    for one in reversed(chain):
        if isinstance(one, OSError) and one.strerror:
            return one.strerror
    # After the loop: to urllib3 a refused connection is a timeout as well.
    if any(isinstance(one, (TimeoutError, urllib3.exceptions.TimeoutError)) for one in chain):
        return f"no answer in time ({CONNECT_SECONDS} s to connect, {ANSWER_SECONDS} s to answer)"
    return f"what came is no answer of HTTP ({type(chain[-1]).__name__})"


def _check_json(answer: Any, where: str) -> None:
    """Refuses an answer that is no JSON object; one without content is none.

    Raises:
        ClusterError: It is something else, such as a page of HTML.
    """
    try:
        if isinstance(json.loads(answer.data or b"{}"), dict):
            return
    except (ValueError, RecursionError):
        pass
    raise ClusterError(
        f"{where} answered status {answer.status} with what is no JSON of Kubeflow Pipelines, "
        f"perhaps a page or a login; {_CHECK}"
    )

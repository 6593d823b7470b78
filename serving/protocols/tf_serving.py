"""TensorFlow Serving's REST API: status, metadata and `:predict` of the served model."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from components.errors import shown
from components.served_versions.versions import MAX_VERSION
from serving import errors
from serving.http.json_format import json_response
from serving.inference import Inference
from serving.model.served_model import ServedModel
from serving.protocols.descriptions import ERRORS, PREDICT_BODY, path_parameters
from serving.protocols.tensors import check_limits
from serving.protocols.tf_serving_json import read_request, write_response

LIVE_LABEL = "live"
_WHICH = r"(?:(?:/versions/(\d+))|(?:/labels/([^/:]+)))?"
_PREDICT = re.compile(rf"/v1/models/([^/:]+){_WHICH}:(classify|regress|predict)", re.IGNORECASE)
_STATUS = re.compile(rf"/v1/models(?:/([^/:]+))?{_WHICH}(?:/(metadata))?", re.IGNORECASE)


@dataclass(frozen=True)
class _Target:
    """Which model an address names, and what of it."""

    name: str
    version: str
    label: str
    what: str

    @property
    def spec(self) -> str:
        """The target as TensorFlow Serving's errors name it."""
        name = shown(self.name, quote=False)
        return f"Specific({name}, {self.version})" if self.version else f"Latest({name})"


def _target(request: Request) -> _Target:
    pattern = _PREDICT if request.method == "POST" else _STATUS
    match = pattern.fullmatch(request.url.path)
    if match is None:
        raise errors.bad_request(
            f"Malformed request: {request.method} {shown(request.url.path, quote=False)}"
        )
    name, version, label, what = (part or "" for part in match.groups())
    if version and (len(version) > 19 or int(version) > MAX_VERSION):
        raise errors.bad_request(
            f"Failed to convert version: {shown(version, quote=False)} to numeric."
        )
    if not name:
        raise errors.bad_request("Missing model name in request.")
    return _Target(name, str(int(version)) if version else "", label, what.lower())


def _find(inference: Inference, target: _Target) -> ServedModel:
    """Returns the live model, if it is what the address names.

    Raises:
        RefusedRequest: 404 for another model or version, 400 for an unknown label, 503 where none
            is live.
    """
    if target.name != inference.name:
        raise errors.not_found(f"Servable not found for request: {target.spec}")
    if target.label and target.label != LIVE_LABEL:
        raise errors.bad_request(
            f"Unrecognized servable version label: {shown(target.label, quote=False)}; "
            f"there is {LIVE_LABEL}"
        )
    model = inference.live_model()
    if target.version and int(target.version) != int(model.version):
        raise errors.not_found(f"Servable not found for request: {target.spec}")
    return model


def tf_serving_routes(inference: Inference) -> APIRouter:
    """Returns the routes below /v1/models."""
    router = APIRouter(tags=["TensorFlow Serving's REST API"], responses=ERRORS)

    async def status(request: Request) -> Response:
        target = _target(request)
        if target.what:
            return json_response(_metadata(inference, _find(inference, target)))
        return json_response(_status(inference, target))

    async def predict(request: Request) -> Response:
        target = _target(request)
        model = _find(inference, target)
        if target.what != "predict":
            raise errors.bad_request(
                f"{target.what} is not served, for the model has no such signature; "
                "accepted: predict"
            )
        body = await request.body()
        asked = await inference.convert(
            lambda: read_request(body, model.signatures), size=len(body)
        )
        rows = check_limits(asked.inputs, inference.config)
        outputs = await inference.answer(model, asked.signature, asked.inputs, rows)
        text = await inference.convert(lambda: write_response(outputs, asked.row_form), rows=rows)
        return json_response(text, headers={"X-Model-Version": model.version})

    for which in ("", "/versions/{version}", f"/labels/{LIVE_LABEL}"):
        path = "/v1/models/{name}" + which
        named = path_parameters(path)
        router.add_api_route(path, status, summary="Status of the model", openapi_extra=named)
        router.add_api_route(
            f"{path}/metadata", status, summary="Its signatures", openapi_extra=named
        )
        router.add_api_route(
            f"{path}:predict",
            predict,
            methods=["POST"],
            summary="Answer of a signature",
            openapi_extra={**named, **PREDICT_BODY},
        )
    for method, endpoint in {"GET": status, "POST": predict}.items():
        router.add_api_route("/v1/{rest:path}", endpoint, methods=[method], include_in_schema=False)
    return router


def _status(inference: Inference, target: _Target) -> dict[str, Any]:
    """Returns GetModelStatusResponse: what is live, being loaded, or failed to load."""
    if target.name != inference.name:
        name = shown(target.name, quote=False)
        raise errors.not_found(f"Could not find any versions of model {name}")
    if target.label:
        _find(inference, target)  # refuses labels that there are not
    states = _states(inference)
    if target.label and inference.holder.live is not None:
        states = {inference.holder.live.version: states[inference.holder.live.version]}
    if target.version:
        states = {name: state for name, state in states.items() if int(name) == int(target.version)}
        if not states:
            raise errors.not_found(
                f"Could not find version {target.version} of model {inference.name}"
            )
    newest_first = sorted(states.items(), key=lambda item: -int(item[0]))
    return {
        "model_version_status": [
            {
                "version": version,
                "state": state,
                "status": {"error_code": code, "error_message": why},
            }
            for version, (state, code, why) in newest_first
        ]
    }


def _states(inference: Inference) -> dict[str, tuple[str, str, str]]:
    """Returns (state, error code, error) by version."""
    holder = inference.holder
    states = {}
    if holder.failed is not None:
        states[holder.failed.version] = ("END", "UNKNOWN", holder.failed.why)
    if holder.loading:
        states[holder.loading] = ("LOADING", "OK", "")
    if holder.live is not None:
        state = "UNLOADING" if inference.stopping else "AVAILABLE"
        states[holder.live.version] = (state, "OK", "")
    return states


def _metadata(inference: Inference, model: ServedModel) -> dict[str, Any]:
    """Returns GetModelMetadataResponse."""
    return {
        "model_spec": {"name": inference.name, "signature_name": "", "version": model.version},
        "metadata": {"signature_def": {"signature_def": model.signature_defs}},
    }

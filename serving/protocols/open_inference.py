"""The Open Inference Protocol v2 (KServe's), REST: health, metadata and inference.

The rules are those of https://github.com/kserve/open-inference-protocol. Tensors are JSON; the
binary extension is not offered.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import tensorflow as tf
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from components.contracts.saved_model import SERVING_DEFAULT
from components.errors import shown
from components.model_session import Signature
from components.version import VERSION
from serving import errors
from serving.http.health import readiness
from serving.http.json_format import encode, json_response, parse_object
from serving.inference import Inference
from serving.model.served_model import ServedModel
from serving.protocols.descriptions import ERRORS, INFER_BODY, path_parameters
from serving.protocols.tensors import check_limits, check_shape, to_array

# The protocol's names of dtypes.
DATATYPES = {
    tf.bool: "BOOL", tf.uint8: "UINT8", tf.uint16: "UINT16", tf.uint32: "UINT32",
    tf.uint64: "UINT64", tf.int8: "INT8", tf.int16: "INT16", tf.int32: "INT32", tf.int64: "INT64",
    tf.float16: "FP16", tf.float32: "FP32", tf.float64: "FP64", tf.string: "BYTES",
}  # fmt: skip
_PLATFORM = "tensorflow_savedmodel"
_BINARY_HEADER = "inference-header-content-length"
_SIGNATURE_NAME = "signature_name"
_MOST_DIMENSIONS, _LONGEST = 8, 1 << 31


def open_inference_routes(inference: Inference) -> APIRouter:
    """Returns the routes below /v2."""
    router = APIRouter(tags=["Open Inference Protocol v2"], responses=ERRORS)
    models = "/v2/models/{name}"

    @router.get("/v2/health/live", summary="Whether the server lives")
    async def live() -> Response:
        return json_response({"live": True})

    @router.get("/v2/health/ready", summary="Whether a model is live")
    async def ready() -> Response:
        is_ready, _ = readiness(inference)
        return json_response({"ready": is_ready}, 200 if is_ready else 503)

    async def server() -> Response:
        return json_response({"name": "two-tower-pipeline", "version": VERSION, "extensions": []})

    router.add_api_route("/v2", server, summary="Name and version of the server")
    router.add_api_route("/v2/", server, include_in_schema=False)

    async def model_ready(request: Request) -> Response:
        model = _find(inference, request)
        return json_response({"name": inference.name, "version": model.version, "ready": True})

    async def metadata(request: Request) -> Response:
        return json_response(_metadata(inference.name, _find(inference, request)))

    async def infer(request: Request) -> Response:
        model = _find(inference, request)
        body = await request.body()
        if _BINARY_HEADER in request.headers:
            raise errors.bad_request(
                "the binary tensor extension is not offered; accepted: tensors as JSON"
            )
        return await _infer(inference, model, body)

    for path in (models, f"{models}/versions/{{version}}"):
        named = path_parameters(path)
        router.add_api_route(
            f"{path}/ready", model_ready, summary="Whether the model is live", openapi_extra=named
        )
        router.add_api_route(path, metadata, summary="Its inputs and outputs", openapi_extra=named)
        router.add_api_route(
            f"{path}/infer",
            infer,
            methods=["POST"],
            summary="Answer of a signature",
            openapi_extra={**named, **INFER_BODY},
        )
    return router


def _find(inference: Inference, request: Request) -> ServedModel:
    name, version = request.path_params["name"], request.path_params.get("version")
    if name != inference.name:
        raise errors.not_found(f"no model {shown(name)}; there is {inference.name}")
    model = inference.live_model()
    if version is not None and version != model.version:
        raise errors.not_found(f"no version {shown(version)} is live; there is {model.version}")
    return model


def _metadata(name: str, model: ServedModel) -> dict[str, Any]:
    signature = model.signatures[SERVING_DEFAULT]
    return {
        "name": name,
        "versions": [model.version],
        "platform": _PLATFORM,
        "inputs": _describe(signature.inputs),
        "outputs": _describe(signature.outputs),
        "properties": {"signatures": ",".join(sorted(model.signatures))},
    }


def _describe(specs: Mapping[str, tf.TensorSpec]) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "datatype": DATATYPES.get(spec.dtype, spec.dtype.name),
            "shape": [-1 if size is None else size for size in spec.shape],
        }
        for name, spec in specs.items()
    ]


async def _infer(inference: Inference, model: ServedModel, body: bytes) -> Response:
    document = parse_object(body)
    asked = document.get("id")
    if asked is not None and not isinstance(asked, str):
        raise errors.bad_request(f"id: a text is expected, not {shown(asked)}")
    name = _signature(document, model)
    signature = model.signatures[name]
    inputs = await inference.convert(
        lambda: read_inputs(document.get("inputs"), signature), size=len(body)
    )
    wanted = _wanted_outputs(document.get("outputs"), signature)
    rows = check_limits(inputs, inference.config)
    outputs = await inference.answer(model, name, inputs, rows)
    answer = {"model_name": inference.name, "model_version": model.version}
    if asked is not None:
        answer["id"] = asked

    def write() -> bytes:
        tensors = [_write(output, outputs[output], signature) for output in wanted]
        return encode({**answer, "outputs": tensors})

    return json_response(await inference.convert(write, rows=rows))


def _signature(document: dict[str, Any], model: ServedModel) -> str:
    parameters = document.get("parameters") or {}
    if not isinstance(parameters, dict):
        raise errors.bad_request(f"parameters: an object is expected, not {shown(parameters)}")
    name = parameters.get(_SIGNATURE_NAME, SERVING_DEFAULT)
    if not isinstance(name, str) or name not in model.signatures:
        raise errors.bad_request(
            f"parameters.signature_name: no signature {shown(name)}; there are "
            f"{', '.join(sorted(model.signatures))}"
        )
    return name


def read_inputs(tensors: Any, signature: Signature) -> dict[str, np.ndarray]:
    """Returns the inputs of a signature from tensors of the protocol.

    Raises:
        RefusedRequest: 400; one of them is missing, unknown or not as it says.
    """
    if not isinstance(tensors, list) or not all(isinstance(one, dict) for one in tensors):
        raise errors.bad_request("inputs: a list of tensors is expected")
    names = [one.get("name") for one in tensors]
    if sorted(map(str, names)) != sorted(signature.inputs):
        raise errors.bad_request(
            f"inputs: {', '.join(signature.inputs)} are expected, each once, not "
            f"{shown(names, quote=False)}"
        )
    return {one["name"]: _read(one, signature.inputs[one["name"]]) for one in tensors}


def _read(tensor: dict[str, Any], spec: tf.TensorSpec) -> np.ndarray:
    name, data = tensor["name"], tensor.get("data")
    expected = DATATYPES.get(spec.dtype)
    if tensor.get("datatype") != expected:
        raise errors.bad_request(
            f"input {name}: the datatype {expected} is expected, "
            f"not {shown(tensor.get('datatype'))}"
        )
    shape = _shape(tensor)
    if not isinstance(data, list):
        raise errors.bad_request(f"input {name}: data must be a list")
    check_shape(tuple(shape), spec, name)
    flat = to_array(_flat(data), tf.TensorSpec([None], spec.dtype), name)
    count = math.prod(shape)
    if count != len(flat):
        raise errors.bad_request(
            f"input {name}: the shape {shape} has {count:,} values, data has {len(flat):,}"
        )
    return flat.reshape(shape)


def _shape(tensor: dict[str, Any]) -> list[int]:
    shape = tensor.get("shape")
    if not (
        isinstance(shape, list)
        and len(shape) <= _MOST_DIMENSIONS
        and all(type(size) is int and 0 <= size < _LONGEST for size in shape)
    ):
        raise errors.bad_request(f"input {tensor['name']}: shape must be a list of numbers from 0")
    return shape


def _flat(data: list[Any]) -> list[Any]:
    """Returns nested data in row-major order; the protocol allows both forms."""
    values: list[Any] = []
    pending: list[Any] = [iter(data)]
    while pending:
        for value in pending[-1]:
            if isinstance(value, list):
                pending.append(iter(value))
                break
            values.append(value)
        else:
            pending.pop()
    return values


def _wanted_outputs(outputs: Any, signature: Signature) -> list[str]:
    """Returns the names of the outputs that are asked for: all, if none is named."""
    if outputs is None or outputs == []:
        return list(signature.outputs)
    if not isinstance(outputs, list) or not all(isinstance(one, dict) for one in outputs):
        raise errors.bad_request("outputs: a list of objects with a name is expected")
    names = [one.get("name") for one in outputs]
    for name in names:
        if not isinstance(name, str) or name not in signature.outputs:
            raise errors.bad_request(
                f"outputs: no output {shown(name)}; there are {', '.join(signature.outputs)}"
            )
    return list(dict.fromkeys(names))


def _write(name: str, array: np.ndarray, signature: Signature) -> dict[str, Any]:
    flat: Any = np.ascontiguousarray(array.reshape(-1))
    if array.dtype == object:
        flat = [value.decode("utf-8", "replace") for value in flat.tolist()]
    return {
        "name": name,
        "datatype": DATATYPES[signature.outputs[name].dtype],
        "shape": list(array.shape),
        "data": flat,
    }

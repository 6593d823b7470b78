"""TensorFlow Serving's JSON of `:predict`: row form (`instances`) and column form (`inputs`).

The rules are those of https://www.tensorflow.org/tfx/serving/api_rest; sentences of errors follow
TensorFlow Serving where clients may look for them.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import tensorflow as tf

from components.contracts.saved_model import SERVING_DEFAULT
from components.errors import shown
from components.model_session import Signature
from serving import errors
from serving.http.json_format import debug_string, encode, parse_object
from serving.protocols.tensors import B64, to_array

SIGNATURE_NAME, INSTANCES, INPUTS = "signature_name", "instances", "inputs"
_BYTES_SUFFIX = "_bytes"


@dataclass(frozen=True)
class PredictRequest:
    """A request as arrays; in row form its answer is in row form too."""

    signature: str
    inputs: dict[str, np.ndarray]
    row_form: bool


def read_request(body: bytes, signatures: Mapping[str, Signature]) -> PredictRequest:
    """Reads the body of a `:predict` request.

    Raises:
        RefusedRequest: 400; one sentence says what is wrong.
    """
    document = parse_object(body)
    name = document.get(SIGNATURE_NAME, "")
    if not isinstance(name, str):
        raise errors.bad_request(
            f"JSON Value: {debug_string(document)} not formatted correctly. "
            "'signature_name' key must be a string value."
        )
    name = name or SERVING_DEFAULT
    if name not in signatures:
        raise errors.bad_request(
            f'Serving signature name: "{shown(name, quote=False)}" not found in signature def'
        )
    specs = signatures[name].inputs
    has_rows, has_columns = INSTANCES in document, INPUTS in document
    if has_rows and has_columns:
        raise errors.bad_request(
            "Not formatted correctly expecting only one of 'inputs' or 'instances' keys to exist"
        )
    if has_rows:
        return PredictRequest(name, _rows(document[INSTANCES], specs), True)
    if has_columns:
        return PredictRequest(name, _columns(document[INPUTS], specs), False)
    raise errors.bad_request("Missing 'inputs' or 'instances' key")


def _is_object(value: Any) -> bool:
    """Returns whether a value is an object of named inputs, and not binary data."""
    if not isinstance(value, dict):
        return False
    return not (set(value) == {B64} and isinstance(value[B64], str))


def _rows(instances: Any, specs: Mapping[str, tf.TensorSpec]) -> dict[str, np.ndarray]:
    """Reads a list of values of the only input, or of objects of all inputs."""
    if not isinstance(instances, list):
        raise errors.bad_request("Expecting 'instances' to be an list/array")
    if not instances:
        raise errors.bad_request("No values in 'instances' array")
    if not _is_object(instances[0]):
        name = _only(specs, "instances is a plain list, but expecting list of objects")
        return {name: to_array(_plain(instances), specs[name], name)}
    for number, item in enumerate(instances):
        if not _is_object(item):
            raise errors.bad_request(
                f"Expecting object but got list at item {number} of input list"
            )
        if set(item) != set(specs):
            raise errors.bad_request(
                f"Failed to process element: {number} of 'instances' list. "
                f"JSON object: {debug_string(item)} "
                f"keys must be equal to: {','.join(sorted(specs))}"
            )
    return {
        name: to_array([item[name] for item in instances], spec, name)
        for name, spec in specs.items()
    }


def _plain(instances: list[Any]) -> list[Any]:
    """Returns instances that are all values or lists, as the first one is."""
    for number, item in enumerate(instances):
        if _is_object(item):
            raise errors.bad_request(
                f"Expecting value/list but got object at item {number} of input list"
            )
    return instances


def _columns(inputs: Any, specs: Mapping[str, tf.TensorSpec]) -> dict[str, np.ndarray]:
    """Reads the value of the only input, or an object with one value for each input."""
    if not _is_object(inputs):
        name = _only(specs, "inputs is a plain value/list, but expecting an object")
        return {name: to_array(inputs, specs[name], name)}
    for name in specs:
        if name not in inputs:
            raise errors.bad_request(f"Missing named input: {name} in 'inputs' object.")
    return {name: to_array(inputs[name], spec, name) for name, spec in specs.items()}


def _only(specs: Mapping[str, tf.TensorSpec], otherwise: str) -> str:
    """Returns the name of the only input."""
    if len(specs) > 1:
        raise errors.bad_request(
            f"{otherwise} as multiple input tensors required as per tensorinfo_map: "
            f"{', '.join(sorted(specs))}"
        )
    return next(iter(specs))


def write_response(outputs: Mapping[str, np.ndarray], row_form: bool) -> bytes:
    """Returns the JSON of the answer to a `:predict` request.

    Args:
        outputs: Arrays [rows, …]; strings are bytes objects.
        row_form: `predictions`, one object a row, rather than `outputs`, one array an output. With
            one output its name is left out.
    """
    columns = {name: _values(name, array) for name, array in outputs.items()}
    if not row_form:
        return encode({"outputs": columns if len(columns) > 1 else next(iter(columns.values()))})
    if len(columns) == 1:
        return encode({"predictions": next(iter(columns.values()))})
    names = list(columns)
    rows = zip(*columns.values(), strict=True)
    return encode({"predictions": [dict(zip(names, row, strict=True)) for row in rows]})


def _values(name: str, array: np.ndarray) -> Any:
    """Returns an output as lists; bytes are text, or base64 where the name says so."""
    if array.dtype == object:
        return _texts(array.tolist(), name.endswith(_BYTES_SUFFIX))
    if array.ndim < 2:
        return np.ascontiguousarray(array)
    return list(map(np.ascontiguousarray, array))


def _texts(value: Any, binary: bool) -> Any:
    if isinstance(value, list):
        return [_texts(inner, binary) for inner in value]
    if binary:
        return {B64: base64.b64encode(value).decode("ascii")}
    return value.decode("utf-8", "replace")

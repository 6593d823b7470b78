"""JSON values to arrays of a signature's inputs, and limits of what they may hold."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Any

import numpy as np
import tensorflow as tf

from components.contracts.saved_model import EXAMPLES
from components.errors import shown
from serving import errors
from serving.config import ServingConfig
from serving.http.json_format import debug_string

B64 = "b64"
_NAMES = {
    bool: "Bool", str: "String", int: "Number", float: "Number", list: "Array", dict: "Object",
}  # fmt: skip


def to_array(value: Any, spec: tf.TensorSpec, name: str) -> np.ndarray:
    """Returns a value, lists in lists, as an array of the dtype and rank of an input.

    Args:
        value: What JSON holds: texts or `{"b64": …}` for strings, numbers, booleans.
        spec: dtype and shape of the input.
        name: Its name, for errors.

    Raises:
        RefusedRequest: 400; a value of another type, or lists of different lengths.
    """
    shape = _shape(value)
    rank = spec.shape.rank
    if rank is not None and len(shape) != rank:
        raise errors.bad_request(
            f"input {name}: {rank} levels of lists are expected ({_dimensions(spec)}), "
            f"not {len(shape)}"
        )
    values: list[Any] = []
    _flatten(value, shape, 0, spec.dtype, values)
    dtype = object if spec.dtype == tf.string else spec.dtype.as_numpy_dtype
    try:
        array = np.empty(len(values), dtype)
        array[:] = values
    except (OverflowError, ValueError, TypeError):
        raise errors.bad_request(
            f"input {name}: a number is beyond the range of {spec.dtype.name}"
        ) from None
    array = array.reshape(shape)
    check_shape(array.shape, spec, name)
    return array


def check_shape(shape: tuple[int, ...], spec: tf.TensorSpec, name: str) -> None:
    """Checks the dimensions that the signature fixes.

    Raises:
        RefusedRequest: 400; one of them differs.
    """
    if not spec.shape.is_compatible_with(shape):
        raise errors.bad_request(
            f"input {name}: the shape {list(shape)} is not {_dimensions(spec)}"
        )


def _dimensions(spec: tf.TensorSpec) -> str:
    return str(["n" if size is None else size for size in spec.shape]).replace("'", "")


def _shape(value: Any) -> tuple[int, ...]:
    """Returns the lengths of the lists, as the first of each level has them."""
    shape: list[int] = []
    while isinstance(value, list):
        shape.append(len(value))
        if not value:
            break
        value = value[0]
    return tuple(shape)


def _flatten(value: Any, shape: tuple[int, ...], level: int, dtype: tf.DType, out: list) -> None:
    if level == len(shape):
        out.append(_scalar(value, dtype))
        return
    if not isinstance(value, list):
        raise errors.bad_request(
            f"JSON Value: {debug_string(value)} found at incorrect level: {level + 1} in the JSON "
            f"DOM. Expected at level: {len(shape)}"
        )
    if len(value) != shape[level]:
        raise errors.bad_request(
            f"Encountered list at unexpected size: {len(value)} at level: {level} "
            f"expected size: {shape[level]}"
        )
    for inner in value:
        _flatten(inner, shape, level + 1, dtype, out)


def _scalar(value: Any, dtype: tf.DType) -> Any:
    """Returns one value of an array: bytes for a string."""
    if dtype == tf.string:
        if isinstance(value, str):
            return value.encode()
        if isinstance(value, dict):
            return decode_base64(value)
    elif dtype == tf.bool:
        if isinstance(value, bool):
            return value
    elif type(value) is int or (type(value) is float and dtype.is_floating):
        return value
    raise errors.bad_request(
        f"JSON Value: {debug_string(value)} Type: {_NAMES.get(type(value), 'Null')} "
        f"is not of expected type: {dtype.name}"
    )


def decode_base64(value: Mapping[str, Any]) -> bytes:
    """Returns the bytes of `{"b64": "…"}`.

    Raises:
        RefusedRequest: 400; it is something else.
    """
    text = value.get(B64)
    if set(value) != {B64} or not isinstance(text, str):
        raise errors.bad_request(
            f"JSON Value: {debug_string(value)} not formatted correctly for base64 data"
        )
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise errors.bad_request("Unable to base64 decode") from None


def check_limits(inputs: Mapping[str, np.ndarray], config: ServingConfig) -> int:
    """Returns the number of rows of a request's inputs.

    Raises:
        RefusedRequest: 400 where the inputs differ in their rows, 413 for too many of them, 422 for
            a list or an id that is too long.
    """
    counts = {name: array.shape[0] for name, array in inputs.items() if array.ndim}
    if len(counts) < len(inputs) or len(set(counts.values())) > 1:
        raise errors.bad_request(
            f"all inputs must have the same number of rows, and have {shown(counts, quote=False)}"
        )
    rows = next(iter(counts.values()), 0)
    if rows > config.max_instances:
        raise errors.too_large(
            f"{rows:,} instances are more than {config.max_instances:,} in one request"
        )
    for name, array in inputs.items():
        if array.ndim > 1 and array.shape[1] > config.max_list_length:
            raise errors.unprocessable(
                f"input {name}: lists of {array.shape[1]:,} are longer than "
                f"{config.max_list_length:,}"
            )
        if array.dtype == object and name != EXAMPLES:
            longest = max(map(len, array.flat), default=0)
            if longest > config.max_id_bytes:
                raise errors.unprocessable(
                    f"input {name}: an id of {longest:,} bytes is longer than "
                    f"{config.max_id_bytes:,}"
                )
    return rows

"""JSON in and out: strict UTF-8, strict JSON, numpy arrays as lists."""

from __future__ import annotations

import json
from typing import Any

import orjson
from starlette.responses import Response

from serving import errors

JSON = "application/json"
_OPTIONS = orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_NON_STR_KEYS


def parse_object(body: bytes) -> dict[str, Any]:
    """Returns the JSON object of a body.

    Raises:
        RefusedRequest: 400; it is something else. The wording is TensorFlow Serving's where there
            is one.
    """
    if not body.strip():
        raise errors.bad_request("JSON Parse error: The document is empty")
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise errors.bad_request(
            f"JSON Parse error: Invalid value: {error.msg} at offset: {error.pos}"
        ) from None
    if not isinstance(value, dict):
        raise errors.bad_request(f"JSON Value: {debug_string(value)} Is not object")
    return value


def debug_string(value: Any) -> str:
    """Returns a value as JSON of at most 200 characters, in ASCII."""
    try:
        text = json.dumps(value)
    except (ValueError, RecursionError):
        return f"a {type(value).__name__}"
    return text if len(text) <= 200 else f"{text[:200]}…"


def encode(value: Any) -> bytes:
    """Returns a value as JSON; float32 arrays in the fewest digits that give the same float32."""
    return orjson.dumps(value, option=_OPTIONS)


def json_response(value: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """Returns a response of a value, or of bytes that are JSON already."""
    content = value if isinstance(value, bytes) else encode(value)
    return Response(content, status, headers, media_type=JSON)


def error_response(sentence: str, status: int, headers: dict[str, str] | None = None) -> Response:
    """Returns the body of every error: `{"error": "…"}`, as TensorFlow Serving and v2 have it."""
    return json_response({"error": sentence}, status, headers)

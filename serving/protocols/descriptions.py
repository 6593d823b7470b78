"""Parts of the OpenAPI document that FastAPI cannot see: errors and bodies."""

from __future__ import annotations

import re
from typing import Any

_ERROR = {
    "application/json": {
        "schema": {
            "type": "object",
            "properties": {"error": {"type": "string", "description": "One sentence."}},
            "required": ["error"],
        }
    }
}


def _error(description: str) -> dict[str, Any]:
    return {"description": description, "content": _ERROR}


ERRORS: dict[int | str, dict[str, Any]] = {
    400: _error("The request is not what the protocol says"),
    401: _error("The bearer token is missing or wrong"),
    404: _error("There is no such model, version, user or movie"),
    408: _error("The body did not arrive in time"),
    413: _error("The body is too large, or there are too many instances"),
    422: _error("A value is out of its range"),
    503: _error("Too many requests, or no model is live yet; Retry-After says when to come again"),
    504: _error("No answer in time"),
}


# A list of movies: JSON, or CSV for `Accept: text/csv`.
AS_CSV: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The answer; with `Accept: text/csv` its list as CSV",
        "content": {"text/csv": {"schema": {"type": "string"}}},
    }
}

_VERSION = {"type": "string", "pattern": "^[0-9]{1,19}$", "description": "Of the live model."}
_PATH_PARAMETERS = {
    "name": {"type": "string", "minLength": 1, "description": "Name of the model."},
    "version": _VERSION,
}


def path_parameters(path: str) -> dict[str, Any]:
    """Returns the OpenAPI part of the parameters in an address, for handlers that read it alone."""
    parameters = [
        {"name": name, "in": "path", "required": True, "schema": _PATH_PARAMETERS[name]}
        for name in re.findall(r"{(\w+)}", path)
    ]
    return {"parameters": parameters}


def body(schema: dict[str, Any], example: dict[str, Any]) -> dict[str, Any]:
    """Returns the OpenAPI part of a JSON body."""
    content = {"application/json": {"schema": schema, "example": example}}
    return {"requestBody": {"required": True, "content": content}}


PREDICT_BODY = body(
    {
        "type": "object",
        "description": "Row form with `instances`, column form with `inputs`; not both.",
        "properties": {
            "signature_name": {"type": "string", "default": "serving_default"},
            "instances": {"type": "array", "minItems": 1, "items": {}},
            "inputs": {},
        },
    },
    {"signature_name": "serving_default", "instances": ["42"]},
)

_PARAMETERS = {"type": "object", "additionalProperties": True}
INFER_BODY = body(
    {
        "type": "object",
        "required": ["inputs"],
        "properties": {
            "id": {"type": "string"},
            "parameters": {
                "type": "object",
                "description": "`signature_name` picks a signature; else serving_default.",
                "additionalProperties": True,
            },
            "inputs": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["name", "shape", "datatype", "data"],
                    "properties": {
                        "name": {"type": "string"},
                        "shape": {"type": "array", "items": {"type": "integer", "minimum": 0}},
                        "datatype": {"type": "string"},
                        "parameters": _PARAMETERS,
                        "data": {"type": "array", "items": {}},
                    },
                },
            },
            "outputs": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["name"],
                    "properties": {"name": {"type": "string"}, "parameters": _PARAMETERS},
                },
            },
        },
    },
    {"inputs": [{"name": "user_id", "shape": [1], "datatype": "BYTES", "data": ["42"]}]},
)

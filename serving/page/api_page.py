"""The page /docs: the OpenAPI document for people. It needs no script and no other file.

The style sheet stands in the page. As a file of its own it may arrive after a browser has laid the
page out, and long lines of code then make the page wider than a small window.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

import jinja2

_NO_TAG = "Other"
_EXAMPLES = {"{user_id}": "42", "{movie_id}": "1"}


def render_api_page(document: Mapping[str, Any], style: str = "") -> str:
    """Returns the HTML of a document of OpenAPI 3; our style sheet, in it, is not escaped."""
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    template = files(__package__).joinpath("static/docs.html.j2").read_text(encoding="utf-8")
    groups = defaultdict[str, list[dict[str, Any]]](list)
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            tag = (operation.get("tags") or [_NO_TAG])[0]
            groups[tag].append(_operation(method, path, operation))
    information = document["info"]
    return environment.from_string(template).render(
        title=information["title"],
        version=information["version"],
        groups=groups.items(),
        style=style,
    )


def _operation(method: str, path: str, operation: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "method": method.upper(),
        "path": path,
        "summary": operation.get("summary", ""),
        "parameters": [_parameter(one) for one in operation.get("parameters", [])],
        "example": _example(method, path, operation),
    }


def _parameter(parameter: Mapping[str, Any]) -> dict[str, str]:
    default = parameter.get("schema", {}).get("default")
    return {
        "name": parameter["name"],
        "place": parameter["in"],
        "default": "" if default in (None, "") else str(default),
        "meaning": parameter.get("description", ""),
    }


def _example(method: str, path: str, operation: Mapping[str, Any]) -> str:
    """Returns a call with curl."""
    for name, value in _EXAMPLES.items():
        path = path.replace(name, value)
    content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    if method != "post":
        return f"curl localhost:8501{path}"
    return f"curl localhost:8501{path} -d '{json.dumps(content.get('example', {}))}'"

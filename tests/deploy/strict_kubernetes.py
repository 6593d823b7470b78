"""Reads manifests as strictly as an API server: by the types of Kubernetes' OpenAPI document.

The `kubernetes` client holds them, generated: for each field its name and type. Unknown fields,
wrong types and missing required fields are problems.
"""

from __future__ import annotations

import inspect
import re
from typing import Any

from kubernetes import client

_PLAIN = {"str": str, "int": int, "float": (int, float), "bool": bool, "object": object}
# What the fields of type object may be in YAML: a quantity or the name or number of a port.
_PREFIXES = {
    "v1": "V1", "apps/v1": "V1", "policy/v1": "V1", "networking.k8s.io/v1": "V1",
    "rbac.authorization.k8s.io/v1": "V1", "autoscaling/v2": "V2",
}  # fmt: skip


def problems(manifest: dict[str, Any]) -> list[str]:
    """Returns what is wrong with a manifest, one line each."""
    prefix = _PREFIXES.get(manifest.get("apiVersion", ""))
    if prefix is None:
        return [f"apiVersion {manifest.get('apiVersion')!r} is not known"]
    name = f"{prefix}{manifest.get('kind')}"
    if not hasattr(client, name):
        return [f"kind {manifest.get('kind')!r} is not known"]
    return _problems(manifest, name, manifest["kind"])


def _problems(value: Any, kind: str, where: str) -> list[str]:
    if kind in _PLAIN:
        good = isinstance(value, _PLAIN[kind]) and not (kind == "int" and isinstance(value, bool))
        return [] if good else [f"{where}: {value!r} is no {kind}"]
    if match := re.fullmatch(r"list\[(.*)\]", kind):
        if not isinstance(value, list):
            return [f"{where}: a list is expected"]
        return [p for n, one in enumerate(value) for p in _problems(one, match[1], f"{where}[{n}]")]
    if match := re.fullmatch(r"dict\(str, (.*)\)", kind):
        if not isinstance(value, dict):
            return [f"{where}: a mapping is expected"]
        return [p for k, one in value.items() for p in _problems(one, match[1], f"{where}.{k}")]
    return _problems_of_object(value, getattr(client, kind), where)


def _problems_of_object(value: Any, model: Any, where: str) -> list[str]:
    if not isinstance(value, dict):
        return [f"{where}: a mapping is expected"]
    fields = {model.attribute_map[name]: name for name in model.openapi_types}
    found = [f"{where}: unknown field {key}" for key in value if key not in fields]
    for key, inner in value.items():
        if key in fields:
            found += _problems(inner, model.openapi_types[fields[key]], f"{where}.{key}")
    return found + [
        f"{where}: {field} is missing"
        for field, name in fields.items()
        if field not in value and _is_required(model, name)
    ]


def _is_required(model: Any, name: str) -> bool:
    """Returns whether a model's setter refuses None, as it does for required fields."""
    setter = getattr(model, name).fset
    return f"{name} is None" in inspect.getsource(setter)

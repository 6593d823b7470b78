"""What Kubernetes refuses when an object is made: names, sizes, and the parts of a pod."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

Object = dict[str, Any]

_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
_SUBDOMAIN = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
_LABEL_VALUE = re.compile(r"([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?")
_VARIABLE = re.compile(r"[-._a-zA-Z][-._a-zA-Z0-9]*")
_QUANTITY = re.compile(r"([0-9.]+)(m|k|M|G|T|Ki|Mi|Gi|Ti)?")
_UNITS = {
    None: 1, "m": Decimal("0.001"), "k": 10**3, "M": 10**6, "G": 10**9, "T": 10**12,
    "Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "Ti": 2**40,
}  # fmt: skip
# The largest request that etcd takes.
MAX_BYTES = 1_572_864
MAX_TERMINATION_LOG = 4096


def problems(resource: str, thing: Object) -> list[str]:
    """Returns what Kubernetes refuses of an object, in words; nothing if it takes it."""
    metadata = thing.get("metadata", {})
    found = []
    name = metadata.get("name", "")
    if len(name) > 253 or not _SUBDOMAIN.fullmatch(name):
        found.append(f"metadata.name {name!r} is no DNS-1123 subdomain")
    for key, value in metadata.get("labels", {}).items():
        if not _LABEL_VALUE.fullmatch(value):
            found.append(f"metadata.labels[{key}] {value!r} is no label")
    size = len(json.dumps(thing))
    if size > MAX_BYTES:
        found.append(f"{size} bytes are more than {MAX_BYTES}")
    if resource == "pods":
        found += _pod_problems(thing["spec"])
    return found


def _pod_problems(spec: Object) -> Iterator[str]:
    volumes = [volume["name"] for volume in spec.get("volumes") or []]
    yield from (f"volume {name!r} is no DNS-1123 label" for name in volumes if not _is_label(name))
    yield from (f"two volumes {name!r}" for name in set(volumes) if volumes.count(name) > 1)
    for key, value in (spec.get("nodeSelector") or {}).items():
        if not _LABEL_VALUE.fullmatch(value):
            yield f"nodeSelector {key} {value!r} is no label"
    for toleration in spec.get("tolerations") or []:
        if toleration.get("operator") == "Exists" and toleration.get("value"):
            yield f"toleration {toleration}: Exists takes no value"
        if not toleration.get("key") and toleration.get("operator") != "Exists":
            yield f"toleration {toleration}: no key"
    for container in spec["containers"]:
        yield from _container_problems(container, volumes)


def _container_problems(container: Object, volumes: list[str]) -> Iterator[str]:
    if not _is_label(container["name"]):
        yield f"container {container['name']!r} is no DNS-1123 label"
    if not container.get("image"):
        yield "a container without image"
    yield from _mount_problems(container.get("volumeMounts") or [], volumes)
    for variable in container.get("env") or []:
        if not _VARIABLE.fullmatch(variable["name"]):
            yield f"variable {variable['name']!r}"
        if variable.get("value") and variable.get("valueFrom"):
            yield f"variable {variable['name']!r} has two sources"
    resources = container.get("resources") or {}
    for name, request in (resources.get("requests") or {}).items():
        limit = (resources.get("limits") or {}).get(name)
        if limit is not None and quantity(request) > quantity(limit):
            yield f"requests.{name} {request} is more than its limit {limit}"


def _mount_problems(mounts: list[Object], volumes: list[str]) -> Iterator[str]:
    paths = [mount["mountPath"] for mount in mounts]
    yield from (f"two mounts at {path}" for path in set(paths) if paths.count(path) > 1)
    for mount in mounts:
        if mount["name"] not in volumes:
            yield f"mount of {mount['name']!r}, which is no volume"
        if ":" in mount["mountPath"]:
            yield f"mount at {mount['mountPath']!r}"


def _is_label(name: str) -> bool:
    return bool(_LABEL.fullmatch(name))


def quantity(text: str) -> Decimal:
    """Returns the number that a Kubernetes quantity stands for.

    Raises:
        ValueError: It stands for none.
    """
    match = _QUANTITY.fullmatch(str(text))
    if not match:
        raise ValueError(f"{text!r} is no quantity")
    return Decimal(match[1]) * _UNITS[match[2]]

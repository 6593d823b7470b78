"""Every setting, found from the models of the settings."""

from __future__ import annotations

import json
import types
from collections.abc import Iterator
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel

from pipeline.config.settings import PipelineConfig

# What opens a section that is a choice of several kinds, or has fields that are needed.
BESIDE: dict[str, dict[str, Any]] = {
    "tuner.space.{}": {"min": 0.1, "max": 0.2},
}
KEYS = {"tuner.space": "dropout", "kubeflow.steps": "Trainer"}


def places(annotation: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Yields each place of a type that takes a value, as a.[].{}.b, with the type there."""
    origin = get_origin(annotation)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        if path.count(".") >= 1:
            yield path, annotation
        for name, field in annotation.model_fields.items():
            yield from places(field.annotation, f"{path}.{field.alias or name}".lstrip("."))
    elif origin is Annotated:
        yield from places(get_args(annotation)[0], path)
    elif origin in (Union, types.UnionType):
        for part in get_args(annotation):
            yield from places(part, path)
    elif origin in (tuple, list):
        yield path, annotation
        yield from places(get_args(annotation)[0], f"{path}.[]")
    elif origin is dict:
        yield path, annotation
        yield from places(get_args(annotation)[1], f"{path}.{{}}")
    elif annotation not in (type(None), ...):
        yield path, str if origin is Literal else annotation


PLACES: dict[str, set[Any]] = {}
for _path, _kind in places(PipelineConfig):
    PLACES.setdefault(_path, set()).add(_kind)


def assignment(path: str, value: str) -> str:
    """Returns `section.key=YAML` with a value, as YAML, at a place."""
    section, key, *inner = path.split(".")
    text = value
    for number in range(len(inner), 0, -1):
        part, outer = inner[number - 1], ".".join((section, key, *inner[: number - 1]))
        if part == "[]":
            text = f"[{text}]"
            continue
        beside = {k: v for k, v in BESIDE.get(outer, {}).items() if k != part}
        name = KEYS.get(outer, "x") if part == "{}" else part
        more = "".join(f", {k}: {json.dumps(v)}" for k, v in beside.items())
        text = f"{{{name}: {text}{more}}}"
    return f"{section}.{key}={text}"


def quoted(text: str) -> str:
    """Returns a text as a value of YAML in quotation marks."""
    return json.dumps(text).replace("\x7f", "\\u007f")

"""Every number among the settings, found from the models, is finite."""

from __future__ import annotations

import types
from collections.abc import Iterator
from typing import Annotated, Any, Union, get_args, get_origin

import pytest
from pydantic import BaseModel, ValidationError

from pipeline.config.settings import PipelineConfig


def places(annotation: Any, path: str = "") -> Iterator[str]:
    """Yields each place of a type that takes a number, as a.[].{}.b."""
    origin = get_origin(annotation)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        for name, field in annotation.model_fields.items():
            yield from places(field.annotation, f"{path}.{field.alias or name}".lstrip("."))
    elif annotation in (int, float):
        yield path
    elif origin is Annotated:
        yield from places(get_args(annotation)[0], path)
    elif origin in (Union, types.UnionType):
        for part in get_args(annotation):
            yield from places(part, path)
    elif origin in (tuple, list):
        yield from places(get_args(annotation)[0], f"{path}.[]")
    elif origin is dict:
        yield from places(get_args(annotation)[1], f"{path}.{{}}")


def tree(path: str, number: float) -> Any:
    """Returns settings that hold a number at a place, and nothing else."""
    value: Any = number
    for part in reversed(path.split(".")):
        value = [value] if part == "[]" else {"x" if part == "{}" else part: value}
    return value


PLACES = sorted(set(places(PipelineConfig)))


def test_places_are_found() -> None:
    assert {
        "gate.max_drop",
        "trainer.epochs",
        "trainer.hidden_layers.[]",
        "data.positive.min_rating",
        "data.event_weights.{}",
        "data.not_rated",
        "kubeflow.steps.{}.memory_limit",
        "tuner.space.{}.min",
        "tuner.space.{}.[]",
        "notify.timeout_seconds",
    } <= set(PLACES)


@pytest.mark.parametrize("path", PLACES)
@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf")])
def test_number_must_be_finite(path: str, number: float) -> None:
    with pytest.raises(ValidationError) as caught:
        PipelineConfig.model_validate(tree(path, number))
    # Not only refused for another reason: the place is right, and so is the type.
    assert "finite_number" in {problem["type"] for problem in caught.value.errors()}

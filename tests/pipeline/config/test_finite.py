"""Every number among the settings, found from the models, is finite."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from pipeline.config.settings import PipelineConfig
from tests.hostile import settings


def tree(path: str, number: float) -> Any:
    """Returns settings that hold a number at a place, and nothing else."""
    value: Any = number
    for part in reversed(path.split(".")):
        value = [value] if part == "[]" else {"x" if part == "{}" else part: value}
    return value


PLACES = sorted(path for path, kinds in settings.PLACES.items() if kinds & {int, float})


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

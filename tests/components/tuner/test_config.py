from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from components.tuner.config import Range, TunerConfig


def test_config_survives_json() -> None:
    config = TunerConfig.model_validate(
        {"space": {"embedding_dim": [8, 16], "loss": ["in_batch"], "dropout": {"min": 0, "max": 1}}}
    )
    assert TunerConfig.model_validate_json(config.to_json()) == config
    assert config.space["embedding_dim"] == (8, 16)
    assert config.space["dropout"] == Range(min=0, max=1)


@pytest.mark.parametrize(
    ("space", "message"),
    [
        ({"learning_rat": [0.1]}, "no setting 'learning_rat'"),
        ({"loss": {"min": 0, "max": 1}}, "trainer.loss is no number"),
        ({"epochs": []}, "no values for epochs"),
        ({"epochs": {"min": 3, "max": 3}}, "not less than"),
        ({"dropout": {"min": 0, "max": 1, "log": True}}, "above 0"),
    ],
)
def test_config_refuses_a_space_that_cannot_be_searched(
    space: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValidationError, match=message):
        TunerConfig.model_validate({"space": space})

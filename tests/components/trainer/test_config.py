from __future__ import annotations

import pytest
from pydantic import ValidationError

from components.trainer.config import TrainerConfig


def test_config_round_trip() -> None:
    config = TrainerConfig(query="user_id", hidden_layers=(64, 32), epochs=3)
    assert TrainerConfig.model_validate_json(config.to_json()) == config


@pytest.mark.parametrize(
    "settings",
    [
        {"epoch": 3},
        {"query": "session"},
        {"learning_rate": -1.0},
        {"temperature": 0.0},
        {"holdout_min": 0.5, "holdout_max": 0.4},
    ],
)
def test_config_refuses_what_it_does_not_know(settings: dict) -> None:
    with pytest.raises(ValidationError):
        TrainerConfig(**settings)

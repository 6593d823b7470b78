from __future__ import annotations

import json

import pytest

from components.errors import ConfigError
from components.trainer.config import TrainerSettings
from components.trainer.hyperparameters import with_hyperparameters


def test_with_hyperparameters_overrides_what_was_tuned() -> None:
    text = json.dumps({"space": [], "values": {"learning_rate": 0.5, "hidden_layers": [4]}})
    config = with_hyperparameters(TrainerSettings(epochs=3, learning_rate=0.1), text)
    assert config == TrainerSettings(epochs=3, learning_rate=0.5, hidden_layers=(4,))


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", "3", "x", '{"values": 3}', '{"values": [1]}', "[" * 100_000]
)
def test_with_hyperparameters_refuses_what_is_none(text: str) -> None:
    with pytest.raises(ConfigError, match="not what a Tuner writes"):
        with_hyperparameters(TrainerSettings(), text)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"learning_rat": 1.0}, "learning_rat: Extra inputs"),
        ({"epochs": 0}, "epochs: Input should"),
    ],
)
def test_with_hyperparameters_refuses_what_is_no_setting(values: dict, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        with_hyperparameters(TrainerSettings(), json.dumps({"values": values}))

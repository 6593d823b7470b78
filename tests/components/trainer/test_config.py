from __future__ import annotations

import pytest
from pydantic import ValidationError

from components.trainer.config import TrainerConfig, TrainerSettings
from components.trainer.planning.by_tower import BY_TOWER


@pytest.mark.parametrize("kind", [TrainerConfig, TrainerSettings])
def test_config_round_trip(kind: type[TrainerConfig] | type[TrainerSettings]) -> None:
    config = kind(query="user_id", hidden_layers=(64, 32), epochs=3)
    assert kind.model_validate_json(config.to_json()) == config


def test_settings_are_auto_where_the_data_decide_and_have_no_others_than_the_config() -> None:
    settings = TrainerSettings().model_dump()
    assert set(settings) == set(TrainerConfig.model_fields)
    decided = {name for name, value in settings.items() if value == "auto"} - {"weights", "index"}
    assert decided == {
        *("loss", "negatives", "embedding_dim", "batch_size", "epochs", "steps", "linear_rank"),
        *("query", "transition_rank", "positions", "precision"),
        *BY_TOWER["history"].values,
    }
    given = {name: value for name, value in settings.items() if name not in decided}
    assert given.items() <= TrainerConfig().model_dump().items()


@pytest.mark.parametrize(
    "settings",
    [
        {"epoch": 3},
        {"query": "session"},
        {"learning_rate": -1.0},
        {"temperature": 0.0},
        {"holdout_min": 0.5, "holdout_max": 0.4},
        {"epochs": 0},
        {"embedding_dim": 0},
        {"batch_size": "many"},
        {"linear_rank": -1},
        {"negatives": 0},
        {"steps": -1},
        {"loss": "hinge"},
    ],
)
@pytest.mark.parametrize("kind", [TrainerConfig, TrainerSettings])
def test_config_refuses_what_it_does_not_know(
    kind: type[TrainerConfig] | type[TrainerSettings], settings: dict
) -> None:
    with pytest.raises(ValidationError):
        kind(**settings)


@pytest.mark.parametrize("name", ["loss", "epochs", "embedding_dim"])
def test_config_has_no_value_that_is_not_decided(name: str) -> None:
    with pytest.raises(ValidationError):
        TrainerConfig(**{name: "auto"})

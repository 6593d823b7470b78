"""Run parameters become settings, as the command line's do."""

from __future__ import annotations

import json
from typing import Any

import pytest

from components.errors import ConfigError
from components.tuner.config import TunerConfig
from pipeline.config.settings import PipelineConfig
from pipeline.kubeflow.step import run_settings


def run_parameters(**changed: Any) -> dict[str, Any]:
    values = {"base_settings": "{}", "preset": "default", "settings": "none", "epochs": "auto"}
    return {**values, **changed}


def test_run_config_of_an_untouched_form_is_the_default() -> None:
    assert run_settings.run_config(run_parameters()) == PipelineConfig()


def test_run_config_lays_preset_base_and_form_over_one_another() -> None:
    base = json.dumps({"trainer": {"embedding_dim": 48, "learning_rate": 0.3}})
    values = run_parameters(
        preset="notebook-64", base_settings=base, settings="trainer.learning_rate=0.2"
    )
    trainer = run_settings.run_config(values).trainer
    # epochs of the preset, dimension of the compiled pipeline, learning rate of the run.
    assert (trainer.epochs, trainer.embedding_dim, trainer.learning_rate) == (2, 48, 0.2)


def test_run_config_takes_numbers_as_the_form_sends_them() -> None:
    values = run_parameters(epochs="7", min_top_100_accuracy=0.5, max_drop=1.0)
    config = run_settings.run_config(values)
    assert config.trainer.epochs == 7
    assert isinstance(config.trainer.epochs, int)
    assert config.gate.min_top_100_accuracy == 0.5


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"preset": "defualt"}, "did you mean default"),
        ({"epochs": "-3"}, "epochs"),
        ({"epochs": "many"}, "epochs"),
        ({"epochs": ""}, "epochs"),
        ({"span_window": "none"}, "window"),
        ({"settings": "trainer.epoch=3"}, "did you mean trainer.epochs"),
        ({"settings": "nonsense"}, r"SECTION\.KEY=VALUE"),
        ({"settings": "beam.args=[]"}, "fixed when the pipeline is compiled"),
    ],
)
def test_run_config_refuses(changed: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        run_settings.run_config(run_parameters(**changed))


def test_split_settings_takes_semicolons_and_lines() -> None:
    assert run_settings.split_settings("a.b=1; c.d=2\n e.f=3;") == ["a.b=1", "c.d=2", "e.f=3"]


def test_run_config_of_the_words_in_the_place_of_values() -> None:
    values = run_parameters(
        base_settings=json.dumps({"data": {"window": 3, "span_pattern": "day-{SPAN}"}}),
        span_window="all",
        span_pattern="none",
        max_drop=1e-9,
    )
    config = run_settings.run_config(values)
    assert (config.data.window, config.data.span_pattern, config.gate.max_drop) == (0, "", 0.0)


def test_run_config_of_a_parameter_with_blanks_sets_nothing() -> None:
    assert run_settings.run_config(run_parameters(settings=" ; ")) == PipelineConfig()


def test_apply_removes_the_run_parameters() -> None:
    values = run_parameters(epochs="3", config="{}")
    run_settings.apply("Trainer", values)
    assert set(values) == {"config"}
    assert json.loads(values["config"])["epochs"] == 3


def test_apply_leaves_a_step_without_settings_alone() -> None:
    values = {"destination": "/mnt"}
    run_settings.apply("LiveModel", values)
    assert values == {"destination": "/mnt"}


def test_apply_sets_spans_and_window_of_the_data() -> None:
    values = run_parameters(span_pattern="day-{SPAN}", span_window="7", input_base="/mnt")
    run_settings.apply("ExampleGen", values)
    data = json.loads(values["data_config"])
    assert (data["span_pattern"], data["window"]) == ("day-{SPAN}", 7)
    assert set(values) == {"input_base", "data_config", "split_config"}


def test_apply_leaves_the_search_as_compiled_and_gives_the_tuner_the_run_s_training() -> None:
    compiled = TunerConfig(trials=5).to_json()
    values = run_parameters(epochs="3", tuner_config=compiled, trainer_config="{}")
    run_settings.apply("Tuner", values)
    assert values["tuner_config"] == compiled
    assert json.loads(values["trainer_config"])["epochs"] == 3

"""Settings: layers, errors, round trip."""

from __future__ import annotations

from pathlib import Path

import pytest

from components.errors import ConfigError
from pipeline.config.presets import PRESETS
from pipeline.config.settings import PipelineConfig, describe_settings, load_config


def test_load_config_layers_each_over_the_one_before(tmp_path: Path) -> None:
    file = tmp_path / "settings.yaml"
    file.write_text("trainer: {epochs: 7, embedding_dim: 48}\nsplit: {salt: other}\n")
    config = load_config("notebook-32", file, ["trainer.epochs=9"])
    # From the preset, the file and the assignment in turn; the rest are defaults.
    assert config.trainer.query == "user_id"
    assert config.trainer.embedding_dim == 48
    assert config.trainer.epochs == 9
    assert config.split.salt == "other"
    assert config.gate == PipelineConfig().gate


@pytest.mark.parametrize("preset", sorted(PRESETS))
def test_load_config_accepts_every_preset(preset: str) -> None:
    config = load_config(preset)
    assert PipelineConfig.model_validate_json(config.model_dump_json(by_alias=True)) == config


@pytest.mark.parametrize(
    ("assignment", "message"),
    [
        ("trainer.epoch=3", "no setting trainer.epoch; did you mean trainer.epochs?"),
        ("trainr.epochs=3", "no section 'trainr'; did you mean trainer?"),
        ("gate.max_drop=lots", "gate.max_drop='lots'"),
        ("trainer.epochs=0", "trainer.epochs=0"),
        ("split.method=sometimes", "split.method='sometimes'"),
        ("epochs=3", "is not SECTION.KEY=VALUE"),
        ("trainer.epochs", "is not SECTION.KEY=VALUE"),
        ("trainer.epochs=[3", "is not YAML"),
    ],
)
def test_load_config_refuses_in_one_line(assignment: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load_config(assignments=[assignment])
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_load_config_names_the_nearest_preset() -> None:
    with pytest.raises(ConfigError, match="did you mean notebook-32"):
        load_config("notebok-32")


@pytest.mark.parametrize("text", ["- a\n- b\n", "trainer: 3\n", "a: [\n"])
def test_load_config_refuses_files_that_are_no_sections(tmp_path: Path, text: str) -> None:
    file = tmp_path / "settings.yaml"
    file.write_text(text)
    with pytest.raises(ConfigError, match="--config"):
        load_config(file=file)


def test_load_config_refuses_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="No such file"):
        load_config(file=tmp_path / "none.yaml")


def test_load_config_takes_an_empty_file(tmp_path: Path) -> None:
    file = tmp_path / "settings.yaml"
    file.write_text("# nothing yet\n")
    assert load_config(file=file) == PipelineConfig()


def test_describe_settings_explains_every_setting() -> None:
    described = {name: text for name, _, text in describe_settings()}
    assert {"trainer.epochs", "gate.max_drop", "split.salt", "schema.path"} <= set(described)
    assert [name for name, text in described.items() if not text] == []
